/** Reads secrets. */
export interface Secrets {
  /**
   * The secret's text.
   *
   * @throws {LoadFailure} SECRET_UNUSABLE when somebody has to act first, else SECRET_UNAVAILABLE
   */
  read(arn: string): Promise<string>;
}

/** A rotated secret is noticed after this time at the latest, even where the old one still works. */
export const KEEP_SECRET_MS = 5 * 60_000;

/** The JSON in a secret; `undefined` where it is none. Tells nothing of the text: a parser's own message would quote it. */
export function secretValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
