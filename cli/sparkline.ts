const LEVELS = [...'▁▂▃▄▅▆▇█'];

/** Values as a row of small bars, the highest of them full, nothing the lowest. */
export function sparkline(values: readonly bigint[]): string {
  const greatest = values.reduce((a, b) => (a > b ? a : b), 1n);
  const steps = BigInt(LEVELS.length - 1);
  return values
    .map((value) => LEVELS[Number((value * steps + greatest - 1n) / greatest)] ?? '')
    .join('');
}
