import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { Tables } from '#shared/store/tables.ts';
import { findLiveTasks, listTasks } from '#shared/store/tasks.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { type Previewing, previewingOver } from '../support/previewing.ts';
import { freshTables } from '../support/product.ts';

/** What previews come to where something goes wrong. */

const brokers = inject('kafkaBrokers');
const MINUTE_MS = 60_000;
let tables: Tables;
let previewing: Previewing;
let topic: string;

beforeAll(async () => {
  tables = await freshTables(inject('dynamodbEndpoint'));
  previewing = previewingOver(tables);
  topic = await createTopic(brokers);
  await produce(brokers, topic, { records: [{ value: '{"id": 1, "delay": "x"}' }] });
});
afterAll(() => previewing.close());

const job = (kafka: object = {}, more: object = {}) => ({
  source: { kafka: { brokers, topic, ...kafka } },
  destination: { file: { table: 't' } },
  ...more,
});

/** The same, seen at another time. */
async function shownIn(ms: number, id: string) {
  const { clock } = previewing.deps;
  const later = previewingOver(tables, { ...clock, now: () => clock.now() + ms });
  const answer = await later.call(`GET /previews/${id}`);
  await later.close();
  return answer;
}

it('a topic that does not exist, and a broker that is away, are named', async () => {
  expect(await previewing.preview({ job: job({ topic: 'no-such-topic' }) })).toMatchObject({
    status: 'FAILED',
    failure: { code: 'TOPIC_NOT_FOUND', message: 'topic no-such-topic does not exist' },
  });
  expect(await previewing.preview({ job: job({ brokers: ['127.0.0.1:1'] }) })).toMatchObject({
    status: 'FAILED',
    failure: { code: 'BROKER_UNREACHABLE', message: expect.stringContaining('127.0.0.1:1') },
  });
});

it('a registry that is away is named', async () => {
  const framed = Buffer.from([0, 0, 0, 0, 7, 0xff]);
  const encoded = await createTopic(brokers);
  await produce(brokers, encoded, { records: [{ value: framed }] });
  const format = { type: 'avro', registry: { confluent: { url: 'http://127.0.0.1:1' } } };

  expect(await previewing.preview({ job: job({ topic: encoded }, { format }) })).toMatchObject({
    status: 'FAILED',
    failure: { code: 'REGISTRY_UNREACHABLE' },
    records: [{ offset: '0', valueBase64: framed.toString('base64') }],
  });
});

it('an expression that is none fails with the words of the engine, beside the records as they came', async () => {
  const shown = await previewing.preview({ job: job({}, { columns: 'late = nofunc(delay)' }) });

  expect(shown).toMatchObject({
    status: 'FAILED',
    failure: { code: 'SCHEMA_MISMATCH', message: expect.stringContaining('nofunc') },
    records: [{ partition: 0, offset: '0', value: '{"id": 1, "delay": "x"}' }],
    counts: { records: 1, rows: 0 },
  });
  expect(shown.records[0]).not.toHaveProperty('rows');
});

it('F2: a record that is delivered twice, also at once, starts one loader', async () => {
  const { body } = await previewing.ask({ job: job() });

  const reports = await Promise.all([previewing.make(body.id), previewing.make(body.id)]);
  expect(reports.map(({ end }) => end).sort()).toEqual(['done', 'nothing-to-claim']);

  const done = await previewing.call(`GET /previews/${body.id}`);
  expect(await previewing.make(body.id)).toMatchObject({ end: 'nothing-to-claim' });
  expect((await previewing.call(`GET /previews/${body.id}`)).text).toBe(done.text);
});

it('F1: one whose loader died is RUNNING for its lease and FAILED then, and stays so', async () => {
  const { body } = await previewing.ask({ job: job() });
  const { promise: never } = Promise.withResolvers<never>();
  const reading = Promise.withResolvers<void>();
  void previewing.make(body.id, {
    reader: {
      read: () => {
        reading.resolve();
        return never;
      },
    },
    clock: { ...previewing.deps.clock, sleep: () => never },
  });
  await reading.promise;

  expect((await previewing.call(`GET /previews/${body.id}`)).body.status).toBe('RUNNING');
  expect((await shownIn(2 * MINUTE_MS, body.id)).body).toMatchObject({
    status: 'FAILED',
    failure: { code: 'LOADER_LOST' },
  });
  expect(await previewing.make(body.id)).toMatchObject({ end: 'nothing-to-claim' });
});

it('one that takes too long fails in its time', async () => {
  const { body } = await previewing.ask({ job: job() });
  const { promise: never } = Promise.withResolvers<never>();

  const report = await previewing.make(body.id, {
    reader: { read: () => never },
    clock: { ...previewing.deps.clock, sleep: async () => {} },
  });

  expect(report).toMatchObject({ end: 'failed' });
  expect((await previewing.call(`GET /previews/${body.id}`)).body).toMatchObject({
    status: 'FAILED',
    failure: { code: 'OUT_OF_TIME', message: 'a preview must be made within 60000 ms' },
  });
});

it('one that no loader took fails by the clock, and none takes it so late', async () => {
  const { body } = await previewing.ask({ job: job() });

  const { clock } = previewing.deps;
  const late = { ...clock, now: () => clock.now() + 4 * MINUTE_MS };
  expect(await previewing.make(body.id, { clock: late })).toMatchObject({
    end: 'nothing-to-claim',
  });
  expect((await shownIn(4 * MINUTE_MS, body.id)).body).toMatchObject({
    status: 'FAILED',
    failure: { code: 'OUT_OF_TIME' },
  });
});

it('is forgotten after an hour, and was never there under another id', async () => {
  const { body } = await previewing.ask({ job: job() });

  expect(await shownIn(61 * MINUTE_MS, body.id)).toMatchObject({
    status: 404,
    body: { code: 'PREVIEW_NOT_FOUND' },
  });
  expect(await previewing.call('GET /previews/nothing')).toMatchObject({ status: 404 });
});

it('is no task: it takes no room, and no list of tasks has it', async () => {
  const { body } = await previewing.ask({ job: job() });

  expect(await findLiveTasks(tables)).toEqual({ count: 0, jobIds: new Set() });
  expect(await listTasks(tables, body.id, { limit: 10 })).toMatchObject({ tasks: [] });
  expect((await previewing.call('GET /jobs')).body.jobs).toEqual([]);
});

it('all faults of a request are told at once, those of the job below it', async () => {
  const answer = await previewing.ask({
    job: { ...job({ brokers: ['elsewhere.test:9092'] }), where: '' },
    from: 'yesterday',
    maxRecords: 101,
    more: 1,
  });

  expect(answer.status).toBe(400);
  const pointers = answer.body.errors.map(({ pointer }: { pointer: string }) => pointer);
  expect(pointers.sort()).toEqual([
    '/from',
    '/job/source/kafka/brokers/0',
    '/job/where',
    '/maxRecords',
    '/more',
  ]);
  const fixed = await previewing.ask({ job: job({ partitions: [0] }), from: { 0: '0', 1: '0' } });
  expect(fixed.body.errors).toEqual([
    { pointer: '/from/1', detail: 'must be one of the partitions of the job' },
  ]);
  expect((await previewing.ask({})).body.errors).toEqual([
    { pointer: '/job', detail: 'is required' },
  ]);
});
