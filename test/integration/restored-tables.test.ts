import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { laneKey } from '../../functions/shared/store/lane-record.ts';
import type { Tables } from '../../functions/shared/store/tables.ts';
import { taskKey } from '../../functions/shared/store/task-record.ts';
import { findLiveTasks } from '../../functions/shared/store/tasks.ts';
import { apiOver, type Call } from '../support/api-calls.ts';
import { createTopic, produce, type TestRecord } from '../support/kafka.ts';
import { freshTables, type Product, startProduct } from '../support/product.ts';

/** Tables that were restored apart, so that one has half of a transaction: what docs/runbook.md says of them. */

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

const records = (from: number, to: number): TestRecord[] =>
  Array.from({ length: to - from }, (_, i) => ({ value: JSON.stringify({ n: from + i }) }));

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

const numbers = async () =>
  (await product.lines('flights')).map((line) => JSON.parse(line).n).sort((a, b) => a - b);

const specOf = (topic: string, startOffsets: object | 'earliest') => ({
  name: 'flights',
  source: { kafka: { brokers, topic, startOffsets } },
  destination: { file: { table: 'flights' } },
});

/** A job that has loaded ten records, and has a task for ten more. */
async function jobWithTask() {
  const topic = await createTopic(brokers);
  await produce(brokers, topic, { records: records(0, 10) });
  const { body } = await call('POST /jobs', { body: specOf(topic, 'earliest') });
  await product.settle(body.id);
  await produce(brokers, topic, { records: records(10, 20) });
  product.clock.forward(60_000);
  await product.cycle();
  const [lane] = await product.lanes(body.id);
  if (lane?.taskId === undefined) throw new Error('no task was planned');
  return { id: body.id as string, topic, lane, taskId: lane.taskId };
}

/** The lane as the older table has it, the task as the newer one. */
async function restoreLaneOnly() {
  const job = await jobWithTask();
  const key = laneKey(job.id, job.lane.generation, job.lane.index);
  const older = await tables.get(key);
  await product.load(job.id);
  await tables.write({ kind: 'put', key, item: older ?? {}, condition: [] });
  return job;
}

/** The task is of a moment that the Tasks table does not have yet. */
async function restoreTasksOnly() {
  const job = await jobWithTask();
  await tables.write({ kind: 'delete', key: taskKey(job.id, job.taskId), condition: [] });
  return job;
}

/** The task as the older table has it, the lane as the newer one. */
async function restoreTaskOlder() {
  const job = await jobWithTask();
  const key = taskKey(job.id, job.taskId);
  const older = await tables.get(key);
  await product.load(job.id);
  await tables.write({ kind: 'put', key, item: older ?? {}, condition: [] });
  return { ...job, key };
}

/** Stops the job, and makes another that begins where it was. */
async function replaceJob(id: string, topic: string, startOffsets: object): Promise<void> {
  expect((await call(`POST /jobs/${id}/stop`)).body.tasksInFlight).toBe(0);
  const { status, body } = await call('POST /jobs', { body: specOf(topic, startOffsets) });
  expect(status).toBe(201);
  await product.settle(body.id);
}

describe('a lane of one moment and a task of another', () => {
  it('a lane whose task is missing stands still, and a new job goes on from its offsets', async () => {
    const { id, topic, taskId } = await restoreTasksOnly();
    await product.settle(id);
    product.clock.forward(3_600_000);

    const { body } = await call(`GET /jobs/${id}`);
    expect(body).toMatchObject({ state: 'RUNNING', tasks: [], lanes: [{ taskId }] });
    expect(body.stalled).not.toBe(false);
    expect((await call(`GET /jobs/${id}/tasks/${taskId}`)).status).toBe(404);
    expect((await call(`GET /jobs/${id}/verify`)).body.complete).toBe(true);

    await replaceJob(id, topic, { 0: body.lag.partitions[0].next });
    expect(await numbers()).toEqual(upTo(20));
  });

  it('a lane whose task is DONE stands still, and a new job goes on from the ends of that task', async () => {
    const { id, topic, taskId } = await restoreLaneOnly();
    await product.settle(id);
    product.clock.forward(3_600_000);

    const { body } = await call(`GET /jobs/${id}`);
    expect(body).toMatchObject({ state: 'RUNNING', tasks: [], lanes: [{ taskId }] });
    const task = (await call(`GET /jobs/${id}/tasks/${taskId}`)).body;
    expect(task.status).toBe('DONE');
    expect(task).toMatchObject({ decision: { to: { 0: '20' } } });

    await replaceJob(id, topic, task.decision.to);
    expect(await numbers()).toEqual(upTo(20));
  });

  it('a lane that is ahead of its task goes on; the task holds a place until it is deleted, and verify tells its range', async () => {
    const { id, topic, taskId, key } = await restoreTaskOlder();
    await product.cycle();
    const { body } = await call(`GET /jobs/${id}`);
    expect(body).toMatchObject({ state: 'RUNNING', tasks: [], lanes: [{ lag: '0' }] });
    expect((await call(`GET /jobs/${id}/tasks?status=PENDING`)).body.tasks).toMatchObject([
      { id: taskId },
    ]);
    expect((await findLiveTasks(tables)).count).toBe(1);

    await tables.write({ kind: 'delete', key, condition: [] });
    expect((await findLiveTasks(tables)).count).toBe(0);
    await produce(brokers, topic, { records: records(20, 25) });
    await product.settle(id);
    expect(await numbers()).toEqual(upTo(25));
    expect((await call(`GET /jobs/${id}/verify`)).body).toMatchObject({
      complete: false,
      partitions: { 0: { faults: [{ kind: 'gap', from: '10', to: '20' }] } },
    });
  });

  it('a lane whose task is missing is not freed by resuming the job, nor by moving its offsets', async () => {
    const { id } = await restoreTasksOnly();

    await call(`POST /jobs/${id}/pause`);
    await product.settle(id);
    expect((await call(`PATCH /jobs/${id}`, { body: { seek: 'earliest' } })).status).toBe(200);
    await call(`POST /jobs/${id}/resume`);
    await product.settle(id);

    expect((await product.job(id)).state).toBe('NEED_SCHEDULE');
    expect(await numbers()).toEqual(upTo(10));
  });
});
