/** Megabytes of 10^6 bytes, `12.3`. */
export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

/** A plain table: the first column to the left, the others, which are figures, to the right. */
export function plainTable(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
