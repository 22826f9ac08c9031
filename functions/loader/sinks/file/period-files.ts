import * as z from 'zod';
import { hiveTemplate, PERIOD_UNITS } from '#shared/domain/spec/partition-by.ts';
import type { SinkHandle } from '#shared/domain/task.ts';
import { fillPeriod, isPeriod, type Period } from '../period.ts';
import { type Committable, committable } from './committable.ts';
import { stagedName } from './table-layout.ts';

/*
 * The handle of several files, one for each period. All of them must fit the task's record, so what they share stands in
 * it once, and the others are lines of `<period> <bytes> <CRC-32>`. Their final name is the same, in a directory each.
 */
const periodFiles = z.strictObject({
  label: z.string().min(1),
  final: z.string().min(1),
  format: z.enum(['ndjson', 'csv', 'parquet']),
  unit: z.enum(PERIOD_UNITS),
  files: z.string().min(1),
});

/** What all files of an attempt share. */
export type SharedNames = Omit<z.infer<typeof periodFiles>, 'files'>;

/** A file to be committed. */
export interface DecidedFile {
  readonly file: Committable;
  /** Of its period, below the table's; absent: the table's itself. */
  readonly directory: string | undefined;
}

/** The handle of an attempt's files. There must be one at least. */
export function periodFilesHandle(
  shared: SharedNames,
  files: readonly (readonly [Period, Committable])[],
): SinkHandle {
  const lines = files.map(([period, { bytes, crc32 }]) => `${period} ${bytes} ${crc32}`);
  return { ...shared, files: lines.join('\n') };
}

/** The files in a handle, in their order: one, or one for each period. Or why the handle is no file sink's. */
export function filesIn(handle: SinkHandle): readonly DecidedFile[] | { readonly fault: string } {
  const several = periodFiles.safeParse(handle);
  if (!several.success) {
    const single = committable.safeParse(handle);
    if (!single.success) return { fault: faultsOf(single.error) };
    return [{ file: single.data, directory: undefined }];
  }
  const { label, final, format, unit, files } = several.data;
  const found: DecidedFile[] = [];
  for (const line of files.split('\n')) {
    const [period = '', bytes, crc32] = line.split(' ');
    if (!isPeriod(period)) return { fault: `a file must be of a period, got ${line}` };
    const staged = stagedName(label, format, period);
    const given = { staged, final, bytes: Number(bytes), crc32: Number(crc32) };
    const file = committable.safeParse(given);
    if (!file.success) return { fault: faultsOf(file.error) };
    found.push({ file: file.data, directory: fillPeriod(hiveTemplate(unit), period) });
  }
  return found;
}

/** What is wrong with a handle's fields. */
export function faultsOf(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join(', ');
}
