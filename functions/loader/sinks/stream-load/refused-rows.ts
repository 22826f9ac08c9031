import { excerpt } from '../../rows/bad-rows.ts';
import type { RefusedRow } from '../sink.ts';
import { rowsInLog } from './error-log.ts';

/** So many examples are taken from an error log; people look at a few. */
const EXAMPLES = 10;

const COLUMN = /column(?:_name)?(?: |: |)[[('"`](?<column>[^\])'"`]+)[\])'"`]/i;

/** The first rows that the error log of a load tells of, as examples for people. */
export function readErrorLog(log: string): RefusedRow[] {
  return rowsInLog(log)
    .slice(0, EXAMPLES)
    .map(({ reason, row }) => {
      const column = COLUMN.exec(reason)?.groups?.column;
      return {
        ...positionIn(row),
        ...(column === undefined ? {} : { column: shown(column) }),
        reason: shown(reason),
        excerpt: shown(row),
      };
    });
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
