import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { apiOver } from '../support/api-calls.ts';
import { type MidwayDeath, sinkDyingMidway } from '../support/dying-sink.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { freshTables, type Product, startProduct } from '../support/product.ts';
import { bucketForEachTest } from '../support/s3/bucket-for-each-test.ts';

const s3 = await bucketForEachTest();

const NONE = '__HIVE_DEFAULT_PARTITION__';
const textOf = async (key: string) => (await s3.bytesOf(key)).toString();

describe('a job whose rows fall on several days', () => {
  const brokers = inject('kafkaBrokers');
  let product: Product;
  beforeEach(async () => {
    product = await startProduct(await freshTables(inject('dynamodbEndpoint')), {
      sinks: { s3Client: () => s3.client },
    });
  });
  afterEach(() => product.close());

  /** 60 records of two partitions, on three days or without a date. */
  const dayOf = (n: number) => (n % 20 === 7 ? NONE : `2026-01-0${1 + (n % 3)}`);
  const recordOf = (n: number) => {
    if (n % 15 === 4) return '{"n":"bad"}';
    return JSON.stringify({ n, at: dayOf(n) === NONE ? null : `${dayOf(n)}T23:30:00Z` });
  };
  const records = Array.from({ length: 60 }, (_, n) => ({ partition: n % 2, value: recordOf(n) }));
  const good = records.map((_, n) => n).filter((n) => n % 15 !== 4);

  async function createJob(topic: string): Promise<string> {
    const { id } = await product.createJob({
      name: 'flights',
      source: { kafka: { brokers, topic, startOffsets: 'earliest' } },
      types: { n: 'INTEGER', at: 'TIMESTAMPTZ' },
      destination: { s3: { bucket: s3.name, partitionBy: { column: 'at', unit: 'day' } } },
      batch: { maxRows: 25 },
      errors: { maxPerTenThousand: 10_000 },
    });
    return id;
  }

  /** Each row's number with the day that its object's key says. */
  async function rows(): Promise<(readonly [number, string])[]> {
    const found: (readonly [number, string])[] = [];
    for (const key of (await s3.keys()).filter((one) => !one.startsWith('_dead_letters/'))) {
      const [, year, month, day] = /year=([^/]+)\/month=([^/]+)\/day=([^/]+)\//.exec(key) ?? [];
      const lines = (await textOf(key)).trimEnd().split('\n');
      const said = year === NONE ? NONE : `${year}-${month}-${day}`;
      found.push(...lines.map((line) => [JSON.parse(line).n as number, said] as const));
    }
    return found.sort(([a], [b]) => a - b);
  }

  it.each<MidwayDeath | undefined>([
    undefined,
    { at: 'write', after: 2 },
    { at: 'prepare', after: 0 },
    { at: 'commit', after: 0 },
    { at: 'commit', after: 1 },
    { at: 'commit', after: 3 },
  ])('has each of them once, in an object of its day, when a loader dies at %j', async (death) => {
    const topic = await createTopic(brokers, { partitions: 2 });
    await produce(brokers, topic, { records });
    const id = await createJob(topic);
    await product.cycle();
    await product.load(id, {
      sinkOf: async (job) => {
        const own = await product.loader.sinkOf(job);
        return death ? sinkDyingMidway(own, death) : own;
      },
    });
    product.clock.forward(120_000);
    await product.settle(id);

    expect(await rows()).toEqual(good.map((n) => [n, dayOf(n)]));
    expect(await s3.uploads()).toEqual([]);
    const tasks = await product.tasks(id);
    expect(tasks.length).toBeGreaterThan(2);
    expect(tasks.every(({ status }) => status === 'DONE')).toBe(true);
    const written = tasks.map(({ decision }) => decision?.statistics.writtenBytes ?? 0);
    const data = (await s3.keys()).filter((key) => !key.startsWith('_dead_letters/'));
    const texts = await Promise.all(data.map(textOf));
    expect(written.reduce((sum, bytes) => sum + bytes)).toBe(texts.join('').length);
  });

  it('adds up in the proof of completeness, and takes its dead letters in once they are good', async () => {
    const topic = await createTopic(brokers, { partitions: 2 });
    await produce(brokers, topic, { records });
    const id = await createJob(topic);
    await product.settle(id);
    const { call } = apiOver(product.tables, { clock: product.clock });
    expect((await call(`GET /jobs/${id}/verify`)).body).toMatchObject({
      complete: true,
      totals: { rows: good.length, rejected: 60 - good.length },
    });

    await call(`POST /jobs/${id}/pause`);
    const types = { n: 'VARCHAR', at: 'TIMESTAMPTZ' };
    expect((await call(`PATCH /jobs/${id}`, { body: { types } })).status).toBe(200);
    await call(`POST /jobs/${id}/resume`);
    await product.settle(id);
    expect((await call(`POST /jobs/${id}/redrive`)).status).toBe(200);
    await product.settle(id);
    const all = await rows();
    expect(all.filter(([n]) => typeof n === 'number')).toHaveLength(good.length);
    const again = all.filter(([n]) => typeof n === 'string');
    expect(again).toEqual(Array.from({ length: 60 - good.length }, () => ['bad', NONE]));
    expect((await call(`GET /jobs/${id}/dead-letters`)).body.deadLetters).toEqual([]);
  });

  it('pauses with the number and the limit when a slice has too many of them, and loads on when the others are left out', async () => {
    const topic = await createTopic(brokers);
    const days = Array.from({ length: 501 }, (_, n) => new Date(Date.UTC(2020, 0, n)));
    const values = days.map((at, n) => ({ value: JSON.stringify({ n, at: at.toISOString() }) }));
    await produce(brokers, topic, { records: values });
    const { id } = await product.createJob({
      name: 'flights',
      source: { kafka: { brokers, topic, startOffsets: 'earliest' } },
      types: { n: 'INTEGER', at: 'TIMESTAMPTZ' },
      destination: { s3: { bucket: s3.name, partitionBy: { column: 'at', unit: 'day' } } },
    });
    await product.settle(id);
    expect(await product.job(id)).toMatchObject({
      state: 'PAUSED',
      reason: { code: 'SINK_REJECTED', message: expect.stringMatching(/at most 500 days .* 501/) },
    });
    expect(await s3.keys()).toEqual([]);
    expect(await s3.uploads()).toEqual([]);

    const { call } = apiOver(product.tables, { clock: product.clock });
    expect((await call(`PATCH /jobs/${id}`, { body: { where: 'n >= 497' } })).status).toBe(200);
    await call(`POST /jobs/${id}/resume`);
    await product.settle(id);
    expect(await s3.keys()).toHaveLength(4);
    expect((await call(`GET /jobs/${id}/verify`)).body).toMatchObject({
      complete: true,
      totals: { rows: 4, filtered: 497 },
    });
  });
});
