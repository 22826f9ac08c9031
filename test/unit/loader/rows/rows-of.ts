import { makeRowWriter } from '../../../../functions/loader/rows/row-writer.ts';
import { type JobSpecInput, jobSpec } from '../../../../functions/shared/domain/job-spec.ts';
import { type GivenRecord, recordOf } from './record-of.ts';

type Given = Pick<JobSpecInput, 'format' | 'columns' | 'policies'> & {
  readonly file?: Partial<JobSpecInput['destination']['file']>;
};

/** A whole specification around what matters for rows. */
export function specOf({ file, ...given }: Given) {
  return jobSpec.parse({
    name: 'job',
    source: { kafka: { brokers: ['127.0.0.1:9092'], topic: 'flights' } },
    destination: { file: { table: 'table', ...file } },
    ...given,
  });
}

/** What the records become: the text in the sink, and the statistics. */
export async function rowsOf(given: Given, records: readonly (GivenRecord | string)[]) {
  const chunks: Uint8Array[] = [];
  const rows = makeRowWriter({
    spec: specOf(given),
    topic: 'flights',
    writer: { write: async (chunk) => void chunks.push(Buffer.from(chunk)) },
    limits: { maxRows: 1_000_000, maxBytes: 1_000_000_000 },
    chunkBytes: 4_096,
  });
  for (const record of records) rows.accept(recordOf(record));
  const statistics = await rows.finish();
  return { text: Buffer.concat(chunks).toString(), statistics };
}

/** The reason for which a single value is a bad row; undefined when it is a row. */
export async function reasonOf(given: Given, value: GivenRecord['value']) {
  const { statistics } = await rowsOf(given, [{ value }]);
  return statistics.badRows[0]?.reason;
}
