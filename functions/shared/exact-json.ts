/**
 * JSON whose numbers keep all their digits: JavaScript's own would make 12345678901234567000 of 12345678901234567890.
 * Part of ECMAScript, and in Node from version 22: https://github.com/tc39/proposal-json-parse-with-source
 */

declare global {
  interface JSON {
    /** A number, by its digits; `JSON.stringify` writes it as it is. */
    rawJSON(text: string): object;
    parse(
      text: string,
      reviver: (
        this: unknown,
        key: string,
        value: unknown,
        context: { readonly source?: string },
      ) => unknown,
    ): unknown;
  }
}

/**
 * A text's value. A number that JavaScript would print in another way is an object that `JSON.stringify` writes as it
 * came.
 *
 * @throws {SyntaxError} for what is no JSON; {RangeError} for what is nested too deeply
 */
export function parseExactJson(text: string): unknown {
  return JSON.parse(text, (_, value, { source }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source
      ? JSON.rawJSON(source)
      : value,
  );
}
