import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { allowedHosts } from '../../functions/shared/allowed-hosts.ts';
import { systemClock } from '../../functions/shared/clock.ts';
import type { JobSpecInput } from '../../functions/shared/domain/job-spec.ts';
import { totalCounts } from '../../functions/shared/domain/task.ts';
import { type DorisDouble, startDoris } from '../support/doris/doris-double.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { freshTables, type Product, startProduct } from '../support/product.ts';
import { query } from '../support/query.ts';
import { confluentFrame } from '../support/registry/frames.ts';
import { ORDER_FORMATS, type Order, type OrderFormat } from '../support/registry/order-values.ts';
import { type RegistryDouble, startRegistryDouble } from '../support/registry/registry-double.ts';
import { type S3Mock, startS3Mock } from '../support/s3/s3mock.ts';
import { type StarrocksDouble, startStarrocks } from '../support/starrocks/starrocks-double.ts';
import { loginsOf, SECRET } from '../support/warehouse/sink-over.ts';

/** Jobs over every format with a schema into every destination but files, as a whole. */

const brokers = inject('kafkaBrokers');
const BUCKET = 'orders';
const ORDERS: readonly Order[] = [
  { id: 9_007_199_254_740_990, name: 'Zoë "Z" \\' },
  { id: 2, name: '' },
  { id: 3, name: 'a\nb' },
];

let registry: RegistryDouble;
let doris: DorisDouble;
let starrocks: StarrocksDouble;
let server: S3Mock;
let client: S3Client;
let product: Product;

beforeAll(async () => {
  [registry, doris, starrocks, server] = await Promise.all([
    startRegistryDouble(),
    startDoris(),
    startStarrocks(),
    startS3Mock(),
  ]);
  client = server.client();
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const { user: username, password } = doris.login;
  product = await startProduct(await freshTables(inject('dynamodbEndpoint')), {
    sinks: {
      logins: loginsOf([{ username, password }]),
      s3Client: () => client,
      outbound: {
        allowed: allowedHosts(['127.0.0.1'], 'destinations'),
        clock: systemClock,
        connectTimeoutMs: 1_000,
        requestTimeoutMs: 5_000,
      },
    },
  });
});
afterAll(async () => {
  await product.close();
  client.destroy();
  await Promise.all([registry.stop(), doris.close(), starrocks.close(), server.stop()]);
});

/** A row of a destination, however it is read. */
type Row = Readonly<Record<string, unknown>>;

interface Place {
  readonly destination: (table: string) => JobSpecInput['destination'];
  readonly more?: Partial<JobSpecInput>;
  readonly rows: (table: string) => Promise<Row[]>;
}

const warehouse = (frontends: string[], table: string) => ({
  ...{ frontends, table, database: 'shop', tls: false as const },
  ...{ secretArn: SECRET, metadata: ['_offset' as const] },
});
const s3 = (table: string, format: 'ndjson' | 'parquet') => ({
  s3: { bucket: BUCKET, table, format, endpoint: server.endpoint, metadata: ['_offset' as const] },
});
const parsed = (lines: readonly string[]) => lines.map((line) => JSON.parse(line) as Row);

const PLACES: Readonly<Record<string, Place>> = {
  Doris: {
    destination: (table) => ({ doris: warehouse(doris.addresses(), table) }),
    rows: async (table) => parsed(doris.transactions.visible(table)),
  },
  StarRocks: {
    destination: (table) => ({ starrocks: warehouse(starrocks.addresses(), table) }),
    rows: async (table) => parsed(starrocks.transactions.visible(table)),
  },
  'NDJSON in S3': {
    destination: (table) => s3(table, 'ndjson'),
    rows: async (table) => parsed((await object(table)).toString().trimEnd().split('\n')),
  },
  'Parquet in S3': {
    destination: (table) => s3(table, 'parquet'),
    more: { types: { id: 'BIGINT', name: 'VARCHAR' } },
    rows: async (table) => {
      const file = join(product.directory, `${table}.parquet`);
      await writeFile(file, await object(table));
      const found = await query(`select id, name, _offset from '${file}'`);
      return found.map(([id, name, _offset]) => ({
        id: Number(id),
        name,
        _offset: Number(_offset),
      }));
    },
  },
};

/** The one object of a table, besides its dead letters. */
async function object(table: string): Promise<Buffer> {
  const { Contents = [] } = await client.send(
    new ListObjectsV2Command({ Bucket: BUCKET, Prefix: `${table}/` }),
  );
  expect(Contents).toHaveLength(1);
  const Key = Contents[0]?.Key;
  const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
  return Buffer.from(await Body!.transformToByteArray());
}

let ids = 0;

/** Produces all orders, and between them one value whose schema the registry does not have. */
async function produced({ schema, schemaType, message, encode }: OrderFormat): Promise<string> {
  ids += 1;
  registry.register(ids, { schema, schemaType });
  const values = ORDERS.map((order) => confluentFrame(ids, message.confluent, encode(order)));
  values.splice(1, 0, confluentFrame(404, message.confluent, encode(ORDERS[1]!)));
  const topic = await createTopic(brokers);
  await produce(brokers, topic, { records: values.map((value) => ({ value })) });
  return topic;
}

describe.each(ORDER_FORMATS)('values of $type', (format) => {
  it.each(Object.keys(PLACES))('become rows of %s, all but the bad one', async (name) => {
    const { destination, more, rows } = PLACES[name]!;
    const topic = await produced(format);
    const table = `${format.type}-${name.toLowerCase().replaceAll(' ', '-')}`;
    const { id } = await product.createJob({
      name: table,
      source: { kafka: { brokers, topic, startOffsets: 'earliest', endOffsets: 'latest' } },
      format: { type: format.type, registry: { confluent: { url: registry.url } } },
      errors: { maxPerTenThousand: 10_000 },
      destination: destination(table),
      ...more,
    });
    await product.settle(id);

    expect((await product.job(id)).state).toBe('COMPLETED');
    expect(await rows(table)).toEqual(
      ORDERS.map((order, n) => ({ ...order, _offset: n === 0 ? 0 : n + 1 })),
    );
    const [task] = await product.tasks(id);
    expect(totalCounts(task!.decision!.statistics.counts)).toMatchObject({ rows: 3, rejected: 1 });
    expect(task?.decision?.statistics.badRows).toMatchObject([
      { offset: '1', reason: 'the registry has no schema 404' },
    ]);
  });
});
