import * as z from 'zod';
import type { SinkHandle } from '#shared/domain/task.ts';
import { NO_PERIOD, type Period } from '../period.ts';
import { uploadsIn } from '../s3/period-uploads.ts';
import type { UploadHandle } from '../s3/upload-handle.ts';
import type { LedgerEntry } from './ledger.ts';

/*
 * The handle of a table's files: that of their uploads, and beside it what the commit in the catalog takes. All
 * values are texts or numbers, and ids of snapshots are texts.
 */
const tableFields = z.object({
  tableUuid: z.string().min(1),
  specId: z.int(),
  /** By which the files were written. */
  schemaId: z.int().optional(),
  /** Of each file, in the order of the uploads, by blanks. */
  rows: z.string().regex(/^\d+( \d+)*$/),
  property: z.string().min(1),
  mark: z.string().min(1),
  /** Absent: the property was. */
  before: z.string().optional(),
  /** Absent: the table had no snapshot. */
  base: z.string().regex(/^\d+$/).optional(),
  snapshotId: z.string().regex(/^\d+$/),
});

/** A file on its way: its upload, and how many rows it has. */
export type FileHandle = UploadHandle & { readonly rows: number };

/** What one decision commits. */
export interface DecidedFiles {
  readonly entry: LedgerEntry;
  readonly specId: number;
  readonly schemaId?: number | undefined;
  readonly files: readonly (FileHandle & { readonly period: Period })[];
}

/** @param uploads the handle of the files' uploads, which are in the same order */
export function tableHandle(
  uploads: SinkHandle,
  files: readonly { readonly rows: number }[],
  { entry, specId, schemaId }: Pick<DecidedFiles, 'entry' | 'specId' | 'schemaId'>,
): SinkHandle {
  const { tableUuid, property, mark, before, base, snapshotId } = entry;
  return {
    ...uploads,
    tableUuid,
    specId,
    ...(schemaId === undefined ? {} : { schemaId }),
    rows: files.map(({ rows }) => rows).join(' '),
    property,
    mark,
    ...(before === undefined ? {} : { before }),
    ...(base === undefined ? {} : { base: String(base) }),
    snapshotId: String(snapshotId),
  };
}

/** Undefined for what no sink of tables made. */
export function decidedFiles(handle: SinkHandle): DecidedFiles | undefined {
  const parsed = tableFields.safeParse(handle);
  if (!parsed.success) return undefined;
  const { rows, specId, schemaId, base, before, snapshotId, ...entry } = parsed.data;
  const own = Object.keys(tableFields.shape);
  const rest = Object.fromEntries(Object.entries(handle).filter(([name]) => !own.includes(name)));
  const uploads = uploadsIn(rest);
  const counts = rows.split(' ').map(Number);
  if (uploads?.length !== counts.length) return undefined;
  const periods = String(rest.uploads ?? NO_PERIOD)
    .split('\n')
    .map((line) => line.split(' ', 1)[0] ?? NO_PERIOD);
  return {
    specId,
    schemaId,
    entry: {
      ...entry,
      before,
      base: base === undefined ? undefined : BigInt(base),
      snapshotId: BigInt(snapshotId),
    },
    files: uploads.map((upload, i) => ({
      ...upload,
      rows: counts[i] ?? 0,
      period: periods[i] ?? NO_PERIOD,
    })),
  };
}
