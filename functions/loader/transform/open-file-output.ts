import type { Period } from '../sinks/period.ts';
import { type FileOutput, type RowOutputOptions, TextOutput } from './file-output.ts';
import { ParquetOutput } from './parquet/parquet-output.ts';

/** A file of the destination's format. `period`: of all its rows. */
export function openFileOutput(options: RowOutputOptions, period?: Period): FileOutput {
  const { rowFormat } = options.transform.plan;
  return rowFormat === 'parquet'
    ? new ParquetOutput(options, period)
    : new TextOutput(options, period);
}
