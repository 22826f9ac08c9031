import { excerpt } from '../../rows/bad-rows.ts';
import type { RefusedRow } from '../sink.ts';

/** So many examples are taken from an error log; people look at a few. */
const EXAMPLES = 10;

/** Reason and row, in Doris' words and in those of StarRocks. */
const LINES: readonly RegExp[] = [
  /^Reason: (?<reason>.*?)\.? ?src line:? ?\[(?<row>.*)\]; ?$/,
  /^(Error|Reason): (?<reason>.*?)\.? Row: (?<row>.*)$/,
  /^(Error|Reason): (?<reason>.*)$/,
];

const COLUMN = /column(?:_name)?(?: |: |)[[('"`](?<column>[^\])'"`]+)[\])'"`]/i;

/** Reads the error log of a load; lines of forms that are not known are left out. */
export function readErrorLog(log: string): RefusedRow[] {
  return log
    .split('\n')
    .flatMap((line) => refusedRow(line.trim()) ?? [])
    .slice(0, EXAMPLES);
}

function refusedRow(line: string): RefusedRow | undefined {
  for (const form of LINES) {
    const found = form.exec(line)?.groups;
    if (!found) continue;
    const row = found.row ?? '';
    const column = COLUMN.exec(found.reason ?? '')?.groups?.column;
    return {
      ...positionIn(row),
      ...(column === undefined ? {} : { column: shown(column) }),
      reason: shown(found.reason ?? ''),
      excerpt: shown(row),
    };
  }
  return undefined;
}

/** Where the row comes from, when it carries the metadata columns and is shown as the JSON that it was. */
function positionIn(row: string): Pick<RefusedRow, 'partition' | 'offset'> {
  const partition = /"_partition":(\d{1,7})\b/.exec(row)?.[1];
  const offset = /"_offset":(\d{1,19})\b/.exec(row)?.[1];
  return {
    ...(partition === undefined ? {} : { partition: Number(partition) }),
    ...(offset === undefined ? {} : { offset }),
  };
}

function shown(text: string): string {
  const bytes = Buffer.from(text);
  return excerpt(bytes, 0, bytes.length);
}
