import { allowedHosts } from '../../../functions/shared/allowed-hosts.ts';
import { systemClock } from '../../../functions/shared/clock.ts';
import type { JobSpecInput } from '../../../functions/shared/domain/job-spec.ts';
import { apiOver, type Call } from '../api-calls.ts';
import { type DorisDouble, startDoris } from '../doris/doris-double.ts';
import { createTopic, produce } from '../kafka.ts';
import { freshTables, type Product, startProduct } from '../product.ts';
import { type StarrocksDouble, startStarrocks } from '../starrocks/starrocks-double.ts';
import { loginsOf, SECRET } from './sink-over.ts';

/** A job into a warehouse that has rejected some of its rows, over a topic of its own. */

/**
 * By partition. The tombstones are bad by the policy, `no json` is by itself; what holds `bad` is for the
 * destination, until it is told to take it.
 */
const VALUES = [
  ['{"n":1}', null, '{"n":"bad"}', '{"n":2}', 'no json', '{"n":3}', '{"n":"bad too"}'],
  ['{"n":"bad"}', '{"n":4}', null, '{"n":5}'],
];
/** `partition/offset` of those that are good at once. */
export const GOOD = ['0/0', '0/3', '0/5', '1/1', '1/3'];
/** And of those that can ever be. */
export const ALL = [...GOOD, '0/1', '0/2', '0/6', '1/0', '1/2'].sort();

export interface BadRowsIn {
  readonly cluster: DorisDouble | StarrocksDouble;
  readonly product: Product;
  readonly call: Call;
  readonly topic: string;
  /** Makes the job and lets it load. @returns its id */
  createJob(more?: Partial<JobSpecInput>, source?: { endOffsets?: 'latest' }): Promise<string>;
  /** How the job names the destination's table. */
  destination(metadata: ('_partition' | '_offset')[]): JobSpecInput['destination'];
  /** What a user does after looking at the errors: in the table, and in the job. */
  correct(id: string): Promise<void>;
  /** `partition/offset` of every visible row, sorted. */
  loaded(): string[];
  /** What the API says of dead letters, summed. */
  waiting(id: string): Promise<{ rows: number; notListed: number; again: boolean[] }>;
  close(): Promise<void>;
}

export async function startBadRowsIn(
  kind: 'doris' | 'starrocks',
  { brokers, dynamodb }: { readonly brokers: string[]; readonly dynamodb: string },
): Promise<BadRowsIn> {
  const cluster = await (kind === 'doris' ? startDoris() : startStarrocks());
  cluster.rules.bad = (row) => (row.includes('bad') ? 'column(n) is wrong' : undefined);
  const { user, password } = cluster.login;
  const tables = await freshTables(dynamodb);
  const product = await startProduct(tables, {
    sinks: {
      logins: loginsOf([{ username: user, password }]),
      outbound: {
        allowed: allowedHosts(['127.0.0.1'], 'destinations'),
        clock: systemClock,
        connectTimeoutMs: 1_000,
        requestTimeoutMs: 5_000,
      },
    },
  });
  const { call } = apiOver(tables, { clock: product.clock });
  const topic = await createTopic(brokers, { partitions: 2 });

  const destination: BadRowsIn['destination'] = (metadata) => ({
    [kind]: {
      frontends: cluster.addresses(),
      tls: false,
      database: 'air',
      table: 'flights',
      secretArn: SECRET,
      metadata,
    },
  });

  return {
    cluster,
    product,
    call,
    topic,
    destination,
    async createJob(more = {}, source = {}) {
      const records = VALUES.flatMap((values, partition) =>
        values.map((value) => ({ partition, value })),
      );
      await produce(brokers, topic, { records });
      const { id } = await product.createJob({
        name: 'flights',
        source: { kafka: { brokers, topic, startOffsets: 'earliest', ...source } },
        destination: destination(['_partition', '_offset']),
        policies: { tombstone: 'reject' },
        errors: { maxPerTenThousand: 10_000 },
        ...more,
      });
      await product.settle(id);
      return id;
    },
    async correct(id) {
      cluster.rules.bad = undefined;
      cluster.rules.unlisted = undefined;
      await call(`POST /jobs/${id}/pause`);
      await call(`PATCH /jobs/${id}`, { body: { policies: { tombstone: 'null' } } });
      await call(`POST /jobs/${id}/resume`);
      await product.settle(id);
    },
    loaded: () =>
      cluster.transactions
        .visible('flights')
        .map((row) => JSON.parse(row))
        .map((row) => `${row._partition}/${row._offset}`)
        .sort(),
    async waiting(id) {
      const { body } = await call(`GET /jobs/${id}/dead-letters`);
      const letters = body.deadLetters as { rows: number; notListed: number; again: boolean }[];
      return {
        rows: letters.reduce((sum, { rows }) => sum + rows, 0),
        notListed: letters.reduce((sum, { notListed }) => sum + notListed, 0),
        again: letters.map(({ again }) => again),
      };
    },
    async close() {
      await product.close();
      await cluster.close();
    },
  };
}
