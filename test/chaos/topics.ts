import type { JobSpecInput } from '#shared/domain/job-spec.ts';
import type { TableShape } from '../../infra/local/demo/row-content.ts';
import type { Codec } from '../../infra/local/kafka/producing-codecs.ts';
import type { ChaosDestination } from './destinations/destination.ts';

/** A topic and its share of the rows. */
export interface ChaosTopic {
  readonly name: string;
  readonly partitions: number;
  readonly codec: Codec;
  /** In transactions, every third of which is aborted. */
  readonly transactional: boolean;
  readonly tableFormat: TableShape['tableFormat'];
  /** Whether its records have a day, by which files and objects lie apart. */
  readonly dated: boolean;
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
    dated: false,
    share: 60,
  },
  {
    name: 'payments',
    partitions: 4,
    codec: 'gzip',
    transactional: true,
    tableFormat: 'ndjson',
    dated: true,
    share: 25,
  },
  {
    name: 'clicks',
    partitions: 2,
    codec: 'lz4',
    transactional: false,
    tableFormat: 'csv',
    dated: false,
    share: 15,
  },
];

/** The columns of every row. */
function columnsOf({ dated }: ChaosTopic): readonly string[] {
  return dated ? ['n', 'text', 'day'] : ['n', 'text'];
}

/** Around the ends of months, so that any slice has several days and months; few, since each is a file or object. */
const DAYS = ['2026-01-31', '2026-02-01', '2026-02-28'];
const UNDATED_EVERY = 50;

/** Other rows of a slice stand between those of a day. */
function dayOf(n: number): string | null {
  return n % UNDATED_EVERY === 0 ? null : (DAYS[Math.floor(n / 7) % DAYS.length] ?? null);
}

/** A topic as one destination has it; job and table bear the name. */
export interface ChaosTable {
  readonly name: string;
  readonly topic: ChaosTopic;
  readonly destination: ChaosDestination;
}

/** All tables of a run: each topic in each destination. */
export function chaosTables(destinations: readonly ChaosDestination[]): ChaosTable[] {
  return destinations.flatMap((destination) =>
    CHAOS_TOPICS.map((topic) => {
      const name = destination.name === 'file' ? topic.name : `${topic.name}-${destination.name}`;
      return { name, topic, destination };
    }),
  );
}

/** How the verification compares a topic with its table. */
export function shapeOf({ topic, destination }: ChaosTable): TableShape {
  return {
    valueFormat: 'json',
    tableFormat: destination.formatOf(topic),
    columns: columnsOf(topic),
  };
}

/** A record's value: no two of a topic are the same. */
export function recordValue({ dated }: ChaosTopic, n: number): string {
  const text = `row ${n} `.padEnd(80, 'abcdefghij');
  return JSON.stringify({ n, text, ...(dated && { day: dayOf(n) }) });
}

/** Tasks that a run comes to, about: enough that there is always one to interrupt. */
const TASKS = 300;

/** Rows of a batch, for that many tasks. */
export function batchRows(rows: number): number {
  return Math.min(20_000, Math.max(500, Math.ceil(rows / TASKS)));
}

/** The job as a user would write it, but for its small batches. */
export function jobSpecOf(
  { name, topic, destination }: ChaosTable,
  { brokers, rows }: { readonly brokers: readonly string[]; readonly rows: number },
): JobSpecInput {
  return {
    name,
    source: { kafka: { brokers: [...brokers], topic: topic.name, startOffsets: 'earliest' } },
    // A warehouse would have to be told of the record's place among them.
    ...(['file', 's3'].includes(destination.name) && {
      columns: columnsOf(topic).join(', '),
      ...(topic.dated && { types: { n: 'BIGINT', day: 'DATE' } }),
    }),
    destination: destination.destinationOf(topic, name),
    desiredConcurrency: 3,
    batch: { maxRows: batchRows(rows), maxIntervalSeconds: 1 },
  };
}
