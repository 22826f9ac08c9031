/** An option as a number. @throws {RangeError} when it is not a whole one of at least 0 */
export function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) {
    throw new RangeError(`--${name} must be a whole number, got ${text}`);
  }
  return Number(text);
}
