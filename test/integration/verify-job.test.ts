import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { newId } from '../../functions/shared/new-id.ts';
import type { Tables } from '../../functions/shared/store/tables.ts';
import { taskKey } from '../../functions/shared/store/task-record.ts';
import { apiOver, type Call } from '../support/api-calls.ts';
import { laneOf, run } from '../support/job-states.ts';
import {
  addPartitions,
  beginTransaction,
  createTopic,
  deleteRecordsBelow,
  produce,
} from '../support/kafka.ts';
import { freshTables, type Product, startProduct } from '../support/product.ts';

const brokers = inject('kafkaBrokers');
const DAY_MS = 86_400_000;
let tables: Tables;
let product: Product;
let call: Call;

beforeEach(async () => {
  tables = await freshTables(inject('dynamodbEndpoint'));
  product = await startProduct(tables);
  call = apiOver(tables, { clock: product.clock }).call;
});
afterEach(() => product.close());

const records = (count: number, partition: number) =>
  Array.from({ length: count }, (_, n) => ({ partition, value: JSON.stringify({ n }) }));

const specOf = (topic: string, more: object = {}) => ({
  name: 'flights',
  source: { kafka: { brokers, topic, startOffsets: 'earliest' as const } },
  destination: { file: { table: 'flights' } },
  ...more,
});

async function verify(id: string) {
  const { status, body } = await call(`GET /jobs/${id}/verify`);
  expect(status).toBe(200);
  return body;
}

/** A job that has loaded 10 offsets of one partition by each of `rounds` tasks. */
async function loadedInRounds(rounds: number, spec: object = {}) {
  const topic = await createTopic(brokers);
  const { id } = await product.createJob(specOf(topic, spec));
  for (let round = 0; round < rounds; round += 1) {
    await produce(brokers, topic, { records: records(10, 0) });
    await product.settle(id);
  }
  return { topic, id };
}

async function alter(id: string, patch: object): Promise<void> {
  expect((await call(`POST /jobs/${id}/pause`)).status).toBe(200);
  expect((await call(`PATCH /jobs/${id}`, { body: patch })).status).toBe(200);
  expect((await call(`POST /jobs/${id}/resume`)).status).toBe(200);
  await product.settle(id);
}

/** Takes a finished task out of the ledger. */
async function forget(id: string, taskId: string): Promise<void> {
  await tables.write({ kind: 'delete', key: taskKey(id, taskId), condition: [] });
}

describe('a job that loaded everything', () => {
  test('is complete before its first division, with nothing in it', async () => {
    const topic = await createTopic(brokers);
    const { id } = await product.createJob(specOf(topic));
    expect(await verify(id)).toMatchObject({ complete: true, totals: { partitions: 0 } });
  });

  test('is complete, with rows, bad rows, skipped values and holes adding up to its offsets', async () => {
    const topic = await createTopic(brokers, { partitions: 2 });
    const { id } = await product.createJob(
      specOf(topic, { errors: { maxPerTenThousand: 10, maxFilterRatio: 1 } }),
    );
    await produce(brokers, topic, { records: records(5, 0) });
    const aborted = await beginTransaction(brokers, topic);
    await aborted.send(records(3, 0));
    await aborted.abort();
    await produce(brokers, topic, {
      records: [{ value: 'no json' }, { value: null }, ...records(4, 0), ...records(7, 1)],
    });
    await product.settle(id);

    const proof = await verify(id);
    expect(proof).toMatchObject({ complete: true, name: 'flights', state: 'RUNNING' });
    expect(proof.partitions[0]).toMatchObject({
      complete: true,
      start: '0',
      provenFrom: '0',
      committed: '15',
      rows: 9,
      rejected: 1,
      skipped: 1,
      filtered: 0,
      holes: '4',
      faults: [],
    });
    expect(proof.partitions[1]).toMatchObject({ committed: '7', rows: 7, holes: '0', tasks: 1 });
    expect(proof.totals).toMatchObject({ offsets: '22', rows: 16, holes: '4', faults: 0 });
  });

  test('is complete over divisions into other lanes and partitions that came later', async () => {
    const topic = await createTopic(brokers, { partitions: 3 });
    const { id } = await product.createJob(specOf(topic, { desiredConcurrency: 3 }));
    for (const desiredConcurrency of [1, 2, 5]) {
      await produce(brokers, topic, { records: [0, 1, 2].flatMap((p) => records(10 + p, p)) });
      await product.settle(id);
      await alter(id, { desiredConcurrency });
    }
    await addPartitions(brokers, topic, 4);
    await produce(brokers, topic, { records: records(6, 3) });
    await product.settle(id);

    const proof = await verify(id);
    expect(proof.generation).toBeGreaterThan(3);
    expect(proof.complete).toBe(true);
    const partitions: { start: string; committed: string; since: { generation: number } }[] =
      Object.values(proof.partitions);
    expect(
      partitions.map(({ start, committed, since }) => [start, committed, since.generation]),
    ).toEqual([
      ['0', '30', 1],
      ['0', '33', 1],
      ['0', '36', 1],
      ['0', '6', proof.generation],
    ]);
  });

  test('F13: a jump by the user, back or forward, begins the proof anew and is in the history', async () => {
    const { topic, id } = await loadedInRounds(2);
    await alter(id, { seek: { 0: '5' } });
    expect((await verify(id)).partitions[0]).toMatchObject({
      complete: true,
      start: '5',
      committed: '20',
      rows: 15,
    });
    await produce(brokers, topic, { records: records(10, 0) });
    await alter(id, { seek: { 0: '28' } });
    const proof = await verify(id);
    expect(proof.partitions[0]).toMatchObject({ complete: true, start: '28', rows: 2 });
    const { entries } = (await call(`GET /jobs/${id}/history?limit=100`)).body;
    const jumps = entries.flatMap((e: { detail?: { jumps?: object[] } }) => e.detail?.jumps ?? []);
    expect(jumps).toEqual([
      { partition: 0, from: '20', to: '28', by: 'seek' },
      { partition: 0, from: '20', to: '5', by: 'seek' },
    ]);
  });

  test('F23: a jump by policy over what retention took begins the proof anew', async () => {
    const policies = { policies: { offsetOutOfRange: 'earliest' } };
    const { topic, id } = await loadedInRounds(1, policies);
    await call(`POST /jobs/${id}/pause`);
    await produce(brokers, topic, { records: records(10, 0) });
    await deleteRecordsBelow(brokers, topic, { partition: 0, offset: 14n });
    await call(`POST /jobs/${id}/resume`);
    await product.settle(id);

    const proof = await verify(id);
    expect(proof.partitions[0]).toMatchObject({ complete: true, start: '14', committed: '20' });
    const { entries } = (await call(`GET /jobs/${id}/history`)).body;
    expect(entries[0].detail).toMatchObject({
      generation: proof.generation,
      jumps: [{ partition: 0, from: '10', to: '14', by: 'policy' }],
    });
  });

  test('is never called incomplete while its loaders run', async () => {
    const topic = await createTopic(brokers, { partitions: 4 });
    const { id } = await product.createJob(specOf(topic, { batch: { maxRows: 50 } }));
    await produce(brokers, topic, { records: [0, 1, 2, 3].flatMap((p) => records(1_000, p)) });
    await product.cycle();
    let loading = true;
    const loaded = product.load(id).finally(() => {
      loading = false;
    });
    const verdicts = new Set<unknown>();
    while (loading) verdicts.add((await verify(id)).complete);
    await loaded;

    expect([...verdicts]).toEqual([true]);
    expect((await verify(id)).totals).toMatchObject({ rows: 4_000, tasks: 80 });
  });
});

describe('a ledger that does not fit', () => {
  test('of a task that is missing, and one that is there twice, the exact ranges are told', async () => {
    const { id } = await loadedInRounds(4);
    const tasks = await product.tasks(id);
    const ids = tasks.map((task) => task.id);
    const original = await tables.get(taskKey(id, ids[2]!));
    const twin = newId();
    const key = taskKey(id, twin);
    const item = { ...original, sk: twin };
    await tables.write({ kind: 'put', key, item, condition: [] });
    await forget(id, ids[1]!);

    const proof = await verify(id);
    expect(proof).toMatchObject({ complete: false, totals: { faults: 2 } });
    expect(proof.message).toBe(
      'the finished tasks do not tile the offsets of 1 of 1 partitions, see faults',
    );
    const { faults, holes } = proof.partitions[0];
    expect(holes).toBeUndefined();
    expect(faults).toEqual([
      { kind: 'overlap', from: '20', to: '30', tasks: expect.arrayContaining([ids[2], twin]) },
      { kind: 'gap', from: '10', to: '20', tasks: [ids[0], expect.any(String)] },
    ]);
  });

  test('whose old tasks have expired proves the rest, and says from where on', async () => {
    const { topic, id } = await loadedInRounds(3);
    const old = await product.tasks(id);
    product.clock.forward(8 * DAY_MS);
    await produce(brokers, topic, { records: records(10, 0) });
    await product.settle(id);
    for (const task of [old[0]!, old[1]!]) await forget(id, task.id);

    const proof = await verify(id);
    expect(proof.complete).toBe('partial');
    expect(proof.message).toContain('kept for 7 days');
    expect(proof.partitions[0]).toMatchObject({
      complete: 'partial',
      start: '0',
      provenFrom: '20',
      committed: '40',
      rows: 20,
      tasks: 2,
    });
    // What has not expired must be there.
    for (const _ of [1, 2]) {
      await produce(brokers, topic, { records: records(10, 0) });
      await product.settle(id);
    }
    await forget(id, (await product.tasks(id)).at(-2)!.id);
    expect((await verify(id)).partitions[0].faults).toMatchObject([
      { kind: 'gap', from: '40', to: '50' },
    ]);
  });
});

describe('the request', () => {
  test('F14: ten thousand partitions are proven in one answer', async () => {
    const { body } = await call('POST /jobs', {
      body: {
        name: 'many',
        source: { kafka: { brokers: ['b-1.kafka.test:9092'], topic: 'many' } },
        destination: { file: { table: 'many' } },
      },
    });
    const lanes = [0, 1, 2, 3].map((index) => {
      const mine = Array.from({ length: 2_500 }, (_, i) => 4 * i + index);
      return laneOf(body.id, {
        index,
        next: new Map(mine.map((p) => [p, 7n])),
        start: new Map(mine.map((p) => [p, { offset: 7n, generation: 1, at: 1_000 }])),
      });
    });
    await run(tables, body.id, { lanes });
    const proof = await verify('many');
    expect(proof).toMatchObject({ complete: true, totals: { partitions: 10_000, offsets: '0' } });
  });

  test('a job that is not there, and parameters, are refused', async () => {
    expect((await call('GET /jobs/nobody/verify')).body.code).toBe('JOB_NOT_FOUND');
    const topic = await createTopic(brokers);
    const { id } = await product.createJob(specOf(topic));
    expect((await call(`GET /jobs/${id}/verify?deep=1`)).status).toBe(400);
  });
});
