import type { JobSpecInput } from '#shared/domain/job-spec.ts';
import type { TableShape } from '../../infra/local/demo/row-content.ts';
import type { Codec } from '../../infra/local/kafka/producing-codecs.ts';

/** A topic, the job that loads it, and its share of the rows. The table bears the same name. */
export interface ChaosTopic {
  readonly name: string;
  readonly partitions: number;
  readonly codec: Codec;
  /** In transactions, every third of which is aborted. */
  readonly transactional: boolean;
  readonly tableFormat: TableShape['tableFormat'];
  /** Parts of all rows, in hundredths. */
  readonly share: number;
}

export const CHAOS_TOPICS: readonly ChaosTopic[] = [
  {
    name: 'orders',
    partitions: 6,
    codec: 'zstd',
    transactional: false,
    tableFormat: 'ndjson',
    share: 60,
  },
  {
    name: 'payments',
    partitions: 4,
    codec: 'gzip',
    transactional: true,
    tableFormat: 'ndjson',
    share: 25,
  },
  {
    name: 'clicks',
    partitions: 2,
    codec: 'lz4',
    transactional: false,
    tableFormat: 'csv',
    share: 15,
  },
];

/** The columns of every row. */
const COLUMNS = ['n', 'text'];

/** How the verification compares a topic with its table. */
export function shapeOf({ tableFormat }: ChaosTopic): TableShape {
  return { valueFormat: 'json', tableFormat, columns: COLUMNS };
}

/** A record's value: no two of a topic are the same. */
export function recordValue(n: number): string {
  return JSON.stringify({ n, text: `row ${n} `.padEnd(80, 'abcdefghij') });
}

/** Tasks that a run comes to, about: enough that there is always one to interrupt. */
const TASKS = 300;

/** Rows of a batch, for that many tasks. */
export function batchRows(rows: number): number {
  return Math.min(20_000, Math.max(500, Math.ceil(rows / TASKS)));
}

/** The job as a user would write it, but for its small batches. */
export function jobSpecOf(
  topic: ChaosTopic,
  { brokers, rows }: { readonly brokers: readonly string[]; readonly rows: number },
): JobSpecInput {
  return {
    name: topic.name,
    source: { kafka: { brokers: [...brokers], topic: topic.name, startOffsets: 'earliest' } },
    columns: COLUMNS.join(', '),
    destination: {
      file: {
        table: topic.name,
        format: topic.tableFormat,
        metadata: ['_partition', '_offset'],
      },
    },
    desiredConcurrency: 3,
    batch: { maxRows: batchRows(rows), maxIntervalSeconds: 1 },
  };
}
