/** Reason and row, in Doris' words and in those of StarRocks. */
const LINES: readonly RegExp[] = [
  /^Reason: (?<reason>.*?)\.? ?src line:? ?\[(?<row>.*)\]; ?$/,
  /^(Error|Reason): (?<reason>.*?)\.? Row: (?<row>.*)$/,
  /^(Error|Reason): (?<reason>.*)$/,
];

/** A line of an error log. */
interface LoggedRow {
  readonly reason: string;
  /** As the system shows it; empty where it does not. */
  readonly row: string;
}

/** The rows that the error log of a load tells of; lines of forms that are not known are left out. */
export function rowsInLog(log: string): LoggedRow[] {
  return log.split('\n').flatMap((line) => rowIn(line.trim()) ?? []);
}

function rowIn(line: string): LoggedRow | undefined {
  for (const form of LINES) {
    const found = form.exec(line)?.groups;
    if (found) return { reason: found.reason ?? '', row: found.row ?? '' };
  }
  return undefined;
}
