import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import type { Tables } from '../../functions/shared/store/tables.ts';
import { apiOver, type Call } from '../support/api-calls.ts';
import { createTopic, deleteTopic, produce, type TestRecord } from '../support/kafka.ts';
import { freshTables, type Product, startProduct } from '../support/product.ts';

/** Topics that go, come again or hold what nobody expected, and bad rows: on real parts. */

const brokers = inject('kafkaBrokers');
let tables: Tables;
let product: Product;
let call: Call;

beforeEach(async () => {
  tables = await freshTables(inject('dynamodbEndpoint'));
  product = await startProduct(tables);
  call = apiOver(tables, { clock: product.clock }).call;
});
afterEach(() => product.close());

const specOf = (topic: string, kafka: object = {}, more: object = {}) => ({
  name: 'flights',
  source: { kafka: { brokers, topic, startOffsets: 'earliest' as const, ...kafka } },
  destination: { file: { table: 'flights' } },
  ...more,
});

const records = (from: number, to: number, more: Partial<TestRecord> = {}): TestRecord[] =>
  Array.from({ length: to - from }, (_, i) => ({
    value: JSON.stringify({ n: from + i }),
    ...more,
  }));

const numbers = async () =>
  (await product.lines('flights')).map((line) => JSON.parse(line).n).sort((a, b) => a - b);

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

describe('F26: a topic', () => {
  it('that is deleted and made again pauses its job, which goes on where a person says', async () => {
    const topic = await createTopic(brokers);
    await produce(brokers, topic, { records: records(0, 10) });
    const { id } = await product.createJob(specOf(topic));
    await product.settle(id);
    await deleteTopic(brokers, topic);
    await createTopic(brokers, { name: topic });
    await produce(brokers, topic, { records: records(10, 15) });
    await product.settle(id);
    expect(await product.job(id)).toMatchObject({
      state: 'PAUSED',
      reason: { code: 'TOPIC_RECREATED' },
    });
    await call(`POST /jobs/${id}/resume`);
    await product.settle(id);
    expect((await product.job(id)).reason.code).toBe('TOPIC_RECREATED');

    await call(`PATCH /jobs/${id}`, { body: { seek: 'earliest' } });
    await call(`POST /jobs/${id}/resume`);
    await product.settle(id);
    expect(await numbers()).toEqual(upTo(15));
    expect((await call(`GET /jobs/${id}/verify`)).body).toMatchObject({
      complete: true,
      partitions: { 0: { start: '0', committed: '5', rows: 5 } },
    });
  });

  it.each([
    ['a new connection', 0],
    ['a connection that knew the old one', 5],
  ])(
    'that is made again behind a planned slice is not read at the old offsets, by %s',
    async (_, loaded) => {
      const topic = await createTopic(brokers);
      const { id } = await product.createJob(specOf(topic));
      if (loaded > 0) await produce(brokers, topic, { records: records(0, loaded) });
      await product.settle(id);
      await produce(brokers, topic, { records: records(loaded, 10) });
      product.clock.forward(60_000);
      await product.cycle();
      await deleteTopic(brokers, topic);
      await createTopic(brokers, { name: topic });
      await produce(brokers, topic, { records: records(100, 120) });

      await product.load(id);
      expect(await numbers().catch(() => [])).toEqual(upTo(loaded));
      expect((await product.job(id)).reason.code).toBe('TOPIC_RECREATED');
      expect((await product.tasks(id)).at(-1)?.status).toBe('CANCELLED');
    },
  );

  it('that is missing pauses a job that has loaded from it, which never takes another for it', async () => {
    const topic = await createTopic(brokers);
    await produce(brokers, topic, { records: records(0, 10) });
    const { id } = await product.createJob(specOf(topic));
    await product.settle(id);
    await deleteTopic(brokers, topic);
    await expect
      .poll(
        async () => {
          await product.cycle();
          return (await product.job(id)).reason.code;
        },
        { timeout: 20_000 },
      )
      .toBe('TOPIC_NOT_FOUND');
    expect((await product.job(id)).resume).toBeDefined();

    await createTopic(brokers, { name: topic });
    await produce(brokers, topic, { records: records(10, 15) });
    product.clock.forward(600_000);
    await product.settle(id);
    expect((await product.job(id)).reason.code).toBe('TOPIC_RECREATED');
    expect(await numbers()).toEqual(upTo(10));
  });
});

describe('F28: where a job starts', () => {
  it('by a time is at the first record as late, though records are out of order', async () => {
    const topic = await createTopic(brokers);
    const time = Date.parse('2026-01-01T00:00:00Z');
    // One batch each: the broker's index knows no more than the latest time of a batch.
    for (const [n, seconds] of [0, 20, 5, 30, 10].entries()) {
      const timestamp = time + seconds * 1_000;
      await produce(brokers, topic, { records: records(n, n + 1, { timestamp }) });
    }
    const startOffsets = { timestamp: '2026-01-01T00:00:15Z' };
    const { id } = await product.createJob(specOf(topic, { startOffsets }));
    await product.settle(id);

    expect(await numbers()).toEqual([1, 2, 3, 4]);
  });

  it('at latest leaves out what was there, and nothing that comes', async () => {
    const topic = await createTopic(brokers, { partitions: 2 });
    await produce(brokers, topic, { records: records(0, 5) });
    const { id } = await product.createJob(specOf(topic, { startOffsets: 'latest' }));
    await product.settle(id);
    await produce(brokers, topic, { records: records(5, 8) });
    await produce(brokers, topic, { records: records(8, 10, { partition: 1 }) });
    await product.settle(id);

    expect(await numbers()).toEqual([5, 6, 7, 8, 9]);
  });

  it('no partition starves beside a hot one, and empty ones cost nothing', async () => {
    const topic = await createTopic(brokers, { partitions: 6 });
    await produce(brokers, topic, {
      records: [
        ...records(0, 2_000),
        ...[1, 3, 5].flatMap((p) => records(2_000 + 10 * p, 2_010 + 10 * p, { partition: p })),
      ],
    });
    const small = { batch: { maxRows: 100 }, desiredConcurrency: 1 };
    const { id } = await product.createJob(specOf(topic, {}, small));
    await product.cycle();
    const [first] = await product.tasks(id);

    // All that is left of the small ones, and of the hot one what fits.
    expect([...first!.slice].map(([p, { from, to }]) => [p, Number(to - from)]).sort()).toEqual([
      [0, 70],
      [1, 10],
      [3, 10],
      [5, 10],
    ]);
    await product.settle(id);
    expect(await product.lines('flights')).toHaveLength(2_030);
  });
});

describe('F21: bad rows', () => {
  const bad = { value: 'not json' };

  it('within the limit are counted once, whoever loads the slice again', async () => {
    const topic = await createTopic(brokers);
    await produce(brokers, topic, { records: [...records(0, 5), bad, ...records(5, 8)] });
    const errors = { errors: { maxPerTenThousand: 5, maxFilterRatio: 1 } };
    const { id } = await product.createJob(specOf(topic, {}, errors));
    await product.cycle();
    const commit = async () => ({ kind: 'retry-later', message: 'not now' }) as const;
    await product.load(id, {
      sinkOf: async (job) => ({ ...(await product.loader.sinkOf(job)), commit }),
    });
    await product.settle(id);

    expect(await numbers()).toEqual(upTo(8));
    expect((await call(`GET /jobs/${id}`)).body.statistics).toMatchObject({ rows: 8, rejected: 1 });
    expect((await call(`GET /jobs/${id}/verify`)).body).toMatchObject({
      complete: true,
      partitions: { 0: { rows: 8, rejected: 1, holes: '0' } },
    });
  });

  it('beyond the limit keep the slice out of the table and its offsets where they were', async () => {
    const topic = await createTopic(brokers);
    await produce(brokers, topic, { records: [...records(0, 5), bad, bad] });
    const errors = { errors: { maxPerTenThousand: 1, maxFilterRatio: 1 } };
    const { id } = await product.createJob(specOf(topic, {}, errors));
    await product.settle(id);

    expect(await product.job(id)).toMatchObject({
      state: 'PAUSED',
      reason: { code: 'TOO_MANY_BAD_ROWS' },
    });
    expect((await product.lanes(id))[0]?.next.get(0)).toBe(0n);
    expect(await product.lines('flights')).toEqual([]);
    await call(`PATCH /jobs/${id}`, { body: { errors: { maxPerTenThousand: 2 } } });
    await call(`POST /jobs/${id}/resume`);
    await product.settle(id);
    expect(await numbers()).toEqual(upTo(5));
  });
});
