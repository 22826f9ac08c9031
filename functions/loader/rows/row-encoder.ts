import type { RecordPolicy } from '#shared/domain/task.ts';
import type { RecordView } from '../records.ts';
import type { RowBuffer } from './row-buffer.ts';

/** Why a value is no row. Without the value itself, which the bad row's excerpt shows. */
export interface RowFault {
  readonly reason: string;
  readonly column?: string | undefined;
  /** The policy that makes it a fault. */
  readonly policy?: RecordPolicy | undefined;
}

/** Turns records' values into rows of one format. */
export interface RowEncoder {
  /** The line that each file begins with, its line break included. */
  readonly header?: Buffer | undefined;
  /**
   * Appends the row of a value that has bytes, without a line break behind it. Never appends a raw line
   * break outside of a quoted CSV field.
   *
   * @returns the fault of a value that is no row; what it appended by then is the caller's to take back
   */
  encode(record: RecordView, out: RowBuffer): RowFault | undefined;
  /** How many rows the last value made, with line breaks between them. @default always one */
  lastRows?(): number;
}
