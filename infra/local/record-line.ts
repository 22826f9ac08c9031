/** How a line of text becomes a record. */
export interface LineFormat {
  /** What stands between key and value in a line. Default: lines are values, and records have no key. */
  readonly keySeparator?: string | undefined;
  /** A value with this text is a tombstone: a record without a value. */
  readonly nullText?: string | undefined;
}

/** A record as kafkajs takes it. */
export interface LineRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/**
 * The record of a line, byte by byte.
 *
 * @param line bytes as latin1, one character each: what is not UTF-8 must get into the topic as it is
 * @throws {Error} when there is no separator in the line
 */
export function recordOf(line: string, { keySeparator, nullText }: LineFormat): LineRecord {
  if (keySeparator === undefined) return { key: null, value: valueFrom(line, nullText) };
  const separator = latin1(keySeparator);
  const at = line.indexOf(separator);
  if (at < 0) {
    throw new Error(
      `every line must have the key separator ${JSON.stringify(keySeparator)}, one of ${line.length} bytes has none`,
    );
  }
  return {
    key: Buffer.from(line.slice(0, at), 'latin1'),
    value: valueFrom(line.slice(at + separator.length), nullText),
  };
}

function valueFrom(text: string, nullText: string | undefined): Buffer | null {
  if (nullText !== undefined && text === latin1(nullText)) return null;
  return Buffer.from(text, 'latin1');
}

function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}
