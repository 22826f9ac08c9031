import { LoadFailure } from '#shared/domain/failure.ts';
import type { RecordView } from '../../records.ts';
import type { RowSpec } from '../../rows/make-row-encoder.ts';
import { RowBuffer } from '../../rows/row-buffer.ts';
import type { RowWriter } from '../../rows/row-writer.ts';
import { SliceAccount, type SliceAccountOptions } from '../../rows/slice-account.ts';
import type { ValueReading } from '../../values/value-reading.ts';
import { samplingEncoder } from './sampling-encoder.ts';

/** What {@link makeRowlessWriter} needs. */
export interface RowlessWriterOptions extends SliceAccountOptions {
  readonly spec: RowSpec;
  readonly reading: ValueReading | undefined;
}

/**
 * The writer of a slice in which nothing was found that types could be inferred from: it counts, and keeps bad rows,
 * but a row it refuses, since none may be written before its types stand.
 *
 * @throws {LoadFailure} from `accept`: SCHEMA_MISMATCH for a row without fields, OUT_OF_TIME for one behind those
 * that there was time to sample
 */
export function makeRowlessWriter(options: RowlessWriterOptions): RowWriter {
  const account = new SliceAccount(options);
  const nothing = new RowBuffer(64);
  let hasFields = false;
  const encoder = samplingEncoder(options.spec, options.reading, {
    takeValue: () => {
      hasFields = true;
    },
    takeFields: ({ size }) => {
      hasFields ||= size > 0;
    },
  });
  return {
    accept(record) {
      const shown = account.admit(record);
      if (shown === undefined) return;
      hasFields = false;
      const fault = encoder.encode(shown, nothing);
      nothing.truncate(0);
      if (fault) account.reject(record, fault);
      else if ((encoder.lastRows?.() ?? 1) > 0) throw untyped(record, hasFields);
      else account.loaded(record, 0);
    },
    passOver: (records) => account.passOver(records),
    async drain() {
      await account.rejected.drain();
      return account.hasRoom;
    },
    finish: () => account.finish(0),
  };
}

function untyped({ partition, offset }: RecordView, hasFields: boolean): LoadFailure {
  const row = `the row at offset ${offset} of partition ${partition}`;
  return hasFields
    ? new LoadFailure('OUT_OF_TIME', `no sample for types could be taken before ${row}`)
    : new LoadFailure(
        'SCHEMA_MISMATCH',
        `types: ${row} has no field to infer types from, declare them`,
      );
}
