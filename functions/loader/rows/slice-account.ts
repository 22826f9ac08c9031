import type { JobSpec } from '#shared/domain/job-spec.ts';
import { type TaskStatistics, totalCounts } from '#shared/domain/task.ts';
import { RejectedRows, type RejectedRowsOptions } from '../dead-letters/rejected-rows.ts';
import type { OversizedRecords, RecordView } from '../records.ts';
import { PartitionTally } from './partition-tally.ts';
import { PolicyTrace } from './policy-trace.ts';
import type { RowFault } from './row-encoder.ts';
import { tombstoneRow } from './tombstone-row.ts';
import { valuelessFate, valuelessFault } from './valueless.ts';

/** What {@link SliceAccount} needs. */
export interface SliceAccountOptions extends RejectedRowsOptions {
  readonly policies: JobSpec['policies'];
  /** Records, and bytes of record values, after which the slice ends. */
  readonly limits: { readonly maxRows: number; readonly maxBytes: number };
}

/**
 * What became of the records of a slice, whatever writes their rows: counts, bad rows, and what policies did.
 */
export class SliceAccount {
  readonly tally = new PartitionTally();
  readonly rejected: RejectedRows;
  readonly #options: SliceAccountOptions;
  readonly #trace = new PolicyTrace();
  #records = 0;
  #bytes = 0;
  #elements = 0;

  constructor(options: SliceAccountOptions) {
    this.#options = options;
    this.rejected = new RejectedRows(options);
  }

  /** Whether more records may come. */
  get hasRoom(): boolean {
    const { maxRows, maxBytes } = this.#options.limits;
    return this.#records < maxRows && this.#bytes < maxBytes;
  }

  /**
   * Takes a record in, by the policies.
   *
   * @returns the record as it is to be written; undefined when it makes no row
   */
  admit(record: RecordView): RecordView | undefined {
    this.#records += 1;
    if (record.valueStart >= 0) this.#bytes += record.valueEnd - record.valueStart;
    const fate = valuelessFate(record, this.#options.policies);
    if (fate === undefined) return record;
    this.#trace.add(fate.policy, fate.action, record);
    switch (fate.action) {
      case 'skip':
        this.tally.add(record.partition, 'skipped');
        return undefined;
      case 'null':
      case 'delete':
        return tombstoneRow(record, fate.action);
      case 'reject':
        this.#count(record, valuelessFault(fate.policy));
        return undefined;
    }
  }

  /** A record whose value made so many rows; one without any is skipped. */
  loaded({ partition }: RecordView, rows: number): void {
    this.tally.add(partition, rows > 0 ? 'rows' : 'skipped');
    this.addRows(rows);
  }

  /** Rows in the sink, whatever the number of records that they are from. */
  addRows(rows: number): void {
    this.#elements += rows;
  }

  /** A record that makes no row. */
  reject(record: RecordView, fault: RowFault): void {
    if (fault.policy) this.#trace.add(fault.policy, 'reject', record);
    this.#count(record, fault);
  }

  /** Records that cannot be read. @returns whether they are left out, by the policy */
  passOver(records: OversizedRecords): boolean {
    this.#records += records.count;
    return this.leaveOut(records);
  }

  /** Records that were admitted, but are too large to go on with. @returns as {@link SliceAccount.passOver} */
  leaveOut(records: OversizedRecords): boolean {
    const { oversizedRecord } = this.#options.policies;
    if (oversizedRecord !== 'skip') return false;
    this.#trace.addRange('oversizedRecord', oversizedRecord, records);
    this.tally.add(records.partition, 'rejected', records.count);
    this.rejected.addWithheld(records);
    return true;
  }

  /** Hands over what is left of the bad rows. @throws the destination's error when any write failed */
  async finish(writtenBytes: number): Promise<TaskStatistics> {
    await this.rejected.finish();
    const counts = this.tally.counts();
    return {
      counts,
      ...(this.#elements !== totalCounts(counts).rows && { elements: this.#elements }),
      bytes: this.#bytes,
      writtenBytes,
      badRows: this.rejected.examples,
      policies: this.#trace.applications(),
    };
  }

  #count(record: RecordView, fault: RowFault): void {
    this.tally.add(record.partition, 'rejected');
    this.rejected.add(record, fault);
  }
}
