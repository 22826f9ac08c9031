import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createTopic, produce } from '../support/kafka.ts';
import { freshTables, type Product, startProduct } from '../support/product.ts';
import { query } from '../support/query.ts';
import { type S3Mock, startS3Mock } from '../support/s3/s3mock.ts';

const brokers = inject('kafkaBrokers');
const BUCKET = 'parquet';
let server: S3Mock;
let client: S3Client;
let product: Product;

beforeAll(async () => {
  server = await startS3Mock();
  client = server.client();
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const sinks = { s3Client: () => client };
  product = await startProduct(await freshTables(inject('dynamodbEndpoint')), { sinks });
});
afterAll(async () => {
  await product.close();
  client.destroy();
  await server.stop();
});

async function objects(): Promise<Map<string, Buffer>> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  const found = new Map<string, Buffer>();
  for (const { Key = '' } of Contents) {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
    found.set(Key, Buffer.from(await Body!.transformToByteArray()));
  }
  return found;
}

it('typed rows become Parquet in S3, with the bad ones as dead letters under a prefix beside it', async () => {
  const topic = await createTopic(brokers, { partitions: 2 });
  await produce(brokers, topic, {
    records: Array.from({ length: 500 }, (_, n) => ({
      partition: n % 2,
      value:
        n % 50 === 9
          ? `{"n":"bad ${n}"}`
          : `{"n":${n},"at":"2026-02-0${1 + (n % 9)}","price":${n}.05}`,
    })),
  });
  const { id } = await product.createJob({
    name: 'prices',
    source: { kafka: { brokers, topic, startOffsets: 'earliest' } },
    types: { n: 'BIGINT', at: 'DATE', price: 'DECIMAL(9,2)' },
    where: 'n is null or n >= 100',
    destination: {
      s3: { bucket: BUCKET, prefix: 'lake', endpoint: server.endpoint, format: 'parquet' },
    },
    errors: { maxPerTenThousand: 1_000 },
    desiredConcurrency: 1,
  });
  await product.settle(id);

  const [task] = await product.tasks(id);
  const name = `prices/${new Date(task!.createdAt).toISOString().slice(0, 10)}/${id}-${task!.id}-1`;
  const found = await objects();
  expect([...found.keys()].sort()).toEqual([
    `lake/_dead_letters/${name}.ndjson`,
    `lake/${name}.parquet`,
  ]);
  const file = join(product.directory, 'prices.parquet');
  await writeFile(file, found.get(`lake/${name}.parquet`)!);
  expect(
    await query(
      `select count(*)::integer, sum(n)::bigint, min("at"), max(price), typeof(any_value(price)) from '${file}'`,
    ),
  ).toEqual([
    [
      392,
      String(rowsFrom(100).reduce((sum, n) => sum + n, 0)),
      '2026-02-01',
      '499.05',
      'DECIMAL(9,2)',
    ],
  ]);
  const letters = found.get(`lake/_dead_letters/${name}.ndjson`)!.toString().trim().split('\n');
  expect(letters).toHaveLength(10);
  expect(JSON.parse(letters[0]!)).toMatchObject({
    topic,
    column: 'n',
    reason: expect.stringMatching(
      /^cannot be read as BIGINT without loss: Could not convert string/,
    ),
  });
  const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }));
  expect(Uploads ?? []).toEqual([]);
});

function rowsFrom(least: number): number[] {
  return Array.from({ length: 500 }, (_, n) => n).filter((n) => n % 50 !== 9 && n >= least);
}
