import { rowFormatOf } from '#shared/domain/spec/row-format.ts';
import type { RecordPosition } from '../../dead-letters/noted-offsets.ts';
import { rowsInLog } from './error-log.ts';
import type { LoadSpec } from './load-headers.ts';

/** Tells where the rows of an error log come from, as far as that is certain. */
export type ReadPositions = (log: string) => RecordPosition[];

/**
 * How the error logs of a job tell from where their rows are.
 *
 * A log names some fifty rows of a load (`MAX_ERROR_NUM` of both systems' backends), each of them one that was not
 * loaded. It has no offsets, but it may show a row whole, as the JSON that it was sent as: with `_partition` and `_offset`
 * where the job wants these, which it can only where each row is sent as one object. A row that is named wrongly would
 * be loaded twice, so nothing is taken from rows that
 *
 * - are not shown whole, or not as JSON: the systems show some as the columns that they became;
 * - have fields of the same names of their own: then it is open which of the two is shown;
 * - do not end with the metadata, as every row does that was sent.
 */
export function positionsFor(spec: LoadSpec): ReadPositions {
  const { metadata } = rowFormatOf(spec);
  const isNamed = metadata.includes('_partition') && metadata.includes('_offset');
  if (!isNamed) return () => [];
  return (log) => rowsInLog(log).flatMap(({ row }) => positionIn(row, metadata) ?? []);
}

function positionIn(row: string, metadata: readonly string[]): RecordPosition | undefined {
  if (!isOnce(row, '"_partition"') || !isOnce(row, '"_offset"')) return undefined;
  const last = namesIn(row).slice(-metadata.length);
  if (metadata.some((name, i) => name !== last[i])) return undefined;
  // Not the parsed numbers: offsets have 64 bits.
  const partition = /"_partition":\s*(\d{1,7})\s*[,}]/.exec(row)?.[1];
  const offset = /"_offset":\s*(\d{1,19})\s*[,}]/.exec(row)?.[1];
  if (partition === undefined || offset === undefined) return undefined;
  return { partition: Number(partition), offset: BigInt(offset) };
}

function isOnce(row: string, name: string): boolean {
  const at = row.indexOf(name);
  return at >= 0 && row.indexOf(name, at + 1) < 0;
}

/** The names of a row's fields in their order; none when it is no object. */
function namesIn(row: string): string[] {
  try {
    const fields: unknown = JSON.parse(row);
    return typeof fields === 'object' && fields !== null ? Object.keys(fields) : [];
  } catch {
    return [];
  }
}
