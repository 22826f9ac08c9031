/*
 * JSON whose integers keep all digits: what a double does not hold is a bigint. Snapshots have ids of 63 bits.
 */

/** @throws {SyntaxError} for what is no JSON */
export function parseExactly(text: string): unknown {
  return JSON.parse(text, (_, value: unknown, ...context: unknown[]) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || Number.isSafeInteger(value)) {
      return value;
    }
    // "JSON.parse source text access" of ECMAScript.
    const { source } = context[0] as { readonly source: string };
    return /^-?\d+$/.test(source) ? BigInt(source) : value;
  });
}

/** Bigints become numbers with all their digits. */
export function exactJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'bigint' ? rawJson(String(part)) : part,
  );
}

const { rawJSON: rawJson } = JSON as unknown as { readonly rawJSON: (text: string) => unknown };
