import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { ulid } from 'ulid';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { makeS3Sink } from '../../functions/loader/sinks/s3.ts';
import type { Sink } from '../../functions/loader/sinks/sink.ts';
import { s3Destination } from '../../functions/shared/domain/spec/s3-destination.ts';
import { attemptLabel } from '../../functions/shared/domain/task.ts';
import { apiOver } from '../support/api-calls.ts';
import { type MidwayDeath, sinkDyingMidway } from '../support/dying-sink.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { freshTables, type Product, startProduct } from '../support/product.ts';
import { bucketForEachTest } from '../support/s3/bucket-for-each-test.ts';
import { withFaults, withIdempotentCompletion } from '../support/s3/faulty-client.ts';

const s3 = await bucketForEachTest();

let tokens = 0;
function sink(more: object = {}, own: S3Client = s3.client): Sink {
  const partitionBy = { column: 'at', unit: 'day' };
  return makeS3Sink({
    destination: s3Destination.parse({
      bucket: s3.name,
      endpoint: s3.server.endpoint,
      partitionBy,
      ...more,
    }),
    jobName: 'flights',
    client: own,
    newToken: () => {
      tokens += 1;
      return `token-${tokens}`;
    },
  });
}

const JOB = ulid(Date.UTC(2026, 0, 1));
const TASK = ulid(Date.UTC(2026, 10, 22, 23, 59));
const label = (attempt = 1, jobId = JOB) => attemptLabel({ jobId, id: TASK }, attempt);
const DAYS = ['2026-01-01', '2026-01-02', '__HIVE_DEFAULT_PARTITION__'];
const NONE = '__HIVE_DEFAULT_PARTITION__';
const KEYS = [
  `flights/year=2026/month=01/day=01/${JOB}-${TASK}-1.ndjson`,
  `flights/year=2026/month=01/day=02/${JOB}-${TASK}-1.ndjson`,
  `flights/year=${NONE}/month=${NONE}/day=${NONE}/${JOB}-${TASK}-1.ndjson`,
];

async function prepare(on: Sink, name = label()) {
  const writer = await on.open(name);
  for (const day of DAYS) {
    await writer.write(Buffer.from(`{"at":"${day}"}\n`), day);
    await writer.write(Buffer.from('{}\n'), day);
  }
  return writer.prepare();
}

const textOf = async (key: string) => (await s3.bytesOf(key)).toString();

describe('the objects of one attempt', () => {
  it('are invisible until they are committed, each with the rows of its period', async () => {
    const on = sink();
    const handle = await prepare(on);
    expect(await s3.keys()).toEqual([]);
    expect(await s3.uploads()).toEqual(KEYS);

    expect(await on.commit(handle)).toEqual({ kind: 'committed' });
    expect(await s3.keys()).toEqual(KEYS);
    expect(await s3.uploads()).toEqual([]);
    const texts = await Promise.all(KEYS.map(textOf));
    expect(texts).toEqual(DAYS.map((day) => `{"at":"${day}"}\n{}\n`));
    expect(await on.commit(handle)).toEqual({ kind: 'already-committed' });
  });

  it('have the keys that a template says, hours included', async () => {
    const on = sink({
      prefix: 'lake',
      keyTemplate: 'dt={record_date}/h={record_hour}/{date}/{task}',
      partitionBy: { column: 'at', unit: 'hour' },
    });
    const writer = await on.open(label());
    await writer.write(Buffer.from('{}\n'), '2026-01-02T05');
    await on.commit(await writer.prepare());
    expect(await s3.keys()).toEqual([`lake/dt=2026-01-02/h=05/2026-11-22/${JOB}-${TASK}-1.ndjson`]);
  });

  it('stand beside dead letters, whose key knows nothing of them', async () => {
    const on = sink({ prefix: 'lake' });
    const writer = await on.open(label());
    await writer.keep?.(Buffer.from('{"bad":1}\n'));
    const handle = await writer.prepare();
    const place = `lake/_dead_letters/flights/2026-11-22/${JOB}-${TASK}-1.ndjson`;
    expect(on.deadLettersIn?.(handle)).toBe(`s3://${s3.name}/${place}`);
    expect(await on.commit(handle)).toEqual({ kind: 'committed' });
    expect(await s3.keys()).toEqual([place]);
    expect(await s3.uploads()).toEqual([]);
  });
});

describe('F16: an answer to one completion of several that is lost', () => {
  const lost = { name: 'TimeoutError', status: 500 };

  it.each([
    ['NoSuchUpload', 404],
    ['PreconditionFailed', 412],
    ['304, as S3Mock does', undefined],
  ])('is found out where a repetition is answered with %s', async (name, status) => {
    const faulty = withFaults(s3.server.client());
    const on = sink({ endpoint: undefined }, faulty.client);
    const handle = await prepare(on);
    const failSecond = () =>
      faulty.failNext({ command: 'CompleteMultipartUpload', when: 'after', error: lost });
    expect(await on.commit(handle, failSecond)).toMatchObject({
      kind: 'retry-later',
      message: expect.stringMatching(/; 1 of 3 objects are committed$/),
    });
    expect(await s3.keys()).toEqual(KEYS.slice(0, 2));
    if (status) {
      const error = { name, status };
      for (let i = 0; i < 2; i += 1) {
        faulty.failNext({ command: 'CompleteMultipartUpload', when: 'before', error });
      }
    }
    expect(await on.commit(handle)).toEqual({ kind: 'committed' });
    expect(await s3.keys()).toEqual(KEYS);
    expect(await s3.uploads()).toEqual([]);
    faulty.client.destroy();
  });

  it('is found out where a repetition is answered as the first time', async () => {
    const idempotent = withIdempotentCompletion(s3.server.client());
    const on = sink({ endpoint: undefined }, idempotent);
    const handle = await prepare(on);
    expect(await on.commit(handle)).toEqual({ kind: 'committed' });
    expect(await on.commit(handle)).toEqual({ kind: 'committed' });
    expect(await s3.keys()).toEqual(KEYS);
    idempotent.destroy();
  });
});

describe('F17 and F19: what somebody else did to one of them', () => {
  it('leaves those behind it, and is told with how many are there', async () => {
    const on = sink();
    const handle = await prepare(on);
    await s3.client.send(new PutObjectCommand({ Bucket: s3.name, Key: KEYS[1], Body: 'theirs' }));
    expect(await on.commit(handle)).toMatchObject({
      kind: 'in-doubt',
      message: expect.stringMatching(/day=02.* another object .*; 1 of 3 objects are committed$/),
    });
    expect(await textOf(KEYS[1]!)).toBe('theirs');
    expect(await s3.uploads()).toEqual(KEYS.slice(1));
  });

  it('a handle whose uploads cannot be read is in doubt', async () => {
    const handle = await prepare(sink());
    const broken = { ...handle, uploads: `${handle.uploads}\n../../x id 1 "etag"` };
    expect(await sink().commit(broken)).toMatchObject({ kind: 'in-doubt' });
    expect(await s3.keys()).toEqual([]);
  });
});

describe('F20: uploads of several keys that are left', () => {
  it('are aborted by their label alone', async () => {
    const on = sink();
    await prepare(on);
    await prepare(on);
    await prepare(on, label(2));
    await on.abort(label());
    expect(await s3.uploads()).toEqual(KEYS.map((key) => key.replace('-1.', '-2.')).sort());
  });

  it('are swept when nobody can need them, asked for once, and never those of a decided attempt', async () => {
    const on = sink();
    const other = ulid();
    await prepare(on);
    await prepare(on, label(1, other));
    const decided = await prepare(on, label(2));
    const asked: string[] = [];
    const removed = await on.sweep!(JOB, async (leftover) => {
      asked.push(leftover.label);
      return leftover.label === label();
    });
    expect(removed).toBe(3);
    expect(asked.sort()).toEqual([label(), label(2)]);
    expect(await on.commit(decided)).toEqual({ kind: 'committed' });
    expect(await s3.uploads()).toEqual(KEYS.map((key) => key.replace(JOB, other)).sort());
  });

  it('are gone when an attempt is discarded in their midst', async () => {
    const writer = await sink().open(label());
    for (const day of DAYS) await writer.write(Buffer.from('{}\n'), day);
    expect(await s3.uploads()).toEqual(KEYS);
    await writer.discard();
    expect(await s3.uploads()).toEqual([]);
  });
});

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
