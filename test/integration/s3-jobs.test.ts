import { zstdDecompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { type Death, dyingSink } from '../support/dying-sink.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { freshTables, type Product, startProduct } from '../support/product.ts';
import { bucketForEachTest } from '../support/s3/bucket-for-each-test.ts';

const s3 = await bucketForEachTest();

describe('a job into S3', () => {
  const brokers = inject('kafkaBrokers');
  let product: Product;
  beforeEach(async () => {
    product = await startProduct(await freshTables(inject('dynamodbEndpoint')), {
      sinks: { s3Client: () => s3.client },
    });
  });
  afterEach(() => product.close());

  async function createJob(topic: string): Promise<string> {
    const { id } = await product.createJob({
      name: 'flights',
      source: { kafka: { brokers, topic, startOffsets: 'earliest' } },
      destination: {
        s3: { bucket: s3.name, compression: 'zstd', metadata: ['_partition', '_offset'] },
      },
    });
    return id;
  }

  async function positions(): Promise<string[]> {
    const rows: string[] = [];
    for (const key of await s3.keys()) {
      const lines = zstdDecompressSync(await s3.bytesOf(key))
        .toString()
        .trimEnd()
        .split('\n');
      rows.push(
        ...lines.map((line) => JSON.parse(line)).map((row) => `${row._partition}/${row._offset}`),
      );
    }
    return rows.sort();
  }

  const records = (count: number, partition: number) =>
    Array.from({ length: count }, (_, n) => ({ partition, value: JSON.stringify({ n }) }));
  const expected = (...counts: number[]) =>
    counts.flatMap((count, p) => Array.from({ length: count }, (_, i) => `${p}/${i}`)).sort();

  it.each<Death | 'never'>(['never', 'prepare', 'decision', 'commit'])(
    'loads exactly once when a loader dies behind: %s, and leaves no upload',
    async (death) => {
      const topic = await createTopic(brokers, { partitions: 2 });
      await produce(brokers, topic, { records: [...records(30, 0), ...records(5, 1)] });
      const id = await createJob(topic);
      await product.cycle();
      await product.load(id, {
        sinkOf: async (job) => {
          const own = await product.loader.sinkOf(job);
          return death === 'never' ? own : dyingSink(own, death);
        },
      });
      product.clock.forward(120_000);
      await product.settle(id);

      expect(await positions()).toEqual(expected(30, 5));
      expect(await s3.uploads()).toEqual([]);
      expect((await product.tasks(id)).every(({ status }) => status === 'DONE')).toBe(true);
    },
  );
});
