import { describe, expect, inject, it } from 'vitest';
import { laneKey } from '../../functions/shared/store/lane-record.ts';
import { taskKey } from '../../functions/shared/store/task-record.ts';
import { findLiveTasks } from '../../functions/shared/store/tasks.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { range } from '../support/numbered-records.ts';
import { numberedRows, numbersIn, productForEachTest } from '../support/product-for-each-test.ts';

/** Tables that were restored apart, so that one has half of a transaction: what docs/runbook.md says of them. */

const brokers = inject('kafkaBrokers');
const own = productForEachTest();

const specOf = (topic: string, startOffsets: object | 'earliest') => ({
  name: 'flights',
  source: { kafka: { brokers, topic, startOffsets } },
  destination: { file: { table: 'flights' } },
});

/** A job that has loaded ten records, and has a task for ten more. */
async function jobWithTask() {
  const topic = await createTopic(brokers);
  await produce(brokers, topic, { records: numberedRows(0, 10) });
  const { body } = await own.call('POST /jobs', { body: specOf(topic, 'earliest') });
  await own.product.settle(body.id);
  await produce(brokers, topic, { records: numberedRows(10, 20) });
  own.product.clock.forward(60_000);
  await own.product.cycle();
  const [lane] = await own.product.lanes(body.id);
  if (lane?.taskId === undefined) throw new Error('no task was planned');
  return { id: body.id as string, topic, lane, taskId: lane.taskId };
}

/** The lane as the older table has it, the task as the newer one. */
async function restoreLaneOnly() {
  const job = await jobWithTask();
  const key = laneKey(job.id, job.lane.generation, job.lane.index);
  const older = await own.tables.get(key);
  await own.product.load(job.id);
  await own.tables.write({ kind: 'put', key, item: older ?? {}, condition: [] });
  return job;
}

/** The task is of a moment that the Tasks table does not have yet. */
async function restoreTasksOnly() {
  const job = await jobWithTask();
  await own.tables.write({ kind: 'delete', key: taskKey(job.id, job.taskId), condition: [] });
  return job;
}

/** The task as the older table has it, the lane as the newer one. */
async function restoreTaskOlder() {
  const job = await jobWithTask();
  const key = taskKey(job.id, job.taskId);
  const older = await own.tables.get(key);
  await own.product.load(job.id);
  await own.tables.write({ kind: 'put', key, item: older ?? {}, condition: [] });
  return { ...job, key };
}

/** Stops the job, and makes another that begins where it was. */
async function replaceJob(id: string, topic: string, startOffsets: object): Promise<void> {
  expect((await own.call(`POST /jobs/${id}/stop`)).body.tasksInFlight).toBe(0);
  const { status, body } = await own.call('POST /jobs', { body: specOf(topic, startOffsets) });
  expect(status).toBe(201);
  await own.product.settle(body.id);
}

describe('a lane of one moment and a task of another', () => {
  it('a lane whose task is missing stands still, and a new job goes on from its offsets', async () => {
    const { id, topic, taskId } = await restoreTasksOnly();
    await own.product.settle(id);
    own.product.clock.forward(3_600_000);

    const { body } = await own.call(`GET /jobs/${id}`);
    expect(body).toMatchObject({ state: 'RUNNING', tasks: [], lanes: [{ taskId }] });
    expect(body.stalled).not.toBe(false);
    expect((await own.call(`GET /jobs/${id}/tasks/${taskId}`)).status).toBe(404);
    expect((await own.call(`GET /jobs/${id}/verify`)).body.complete).toBe(true);

    await replaceJob(id, topic, { 0: body.lag.partitions[0].next });
    expect(await numbersIn(own.product, 'flights')).toEqual(range(0, 20));
  });

  it('a lane whose task is DONE stands still, and a new job goes on from the ends of that task', async () => {
    const { id, topic, taskId } = await restoreLaneOnly();
    await own.product.settle(id);
    own.product.clock.forward(3_600_000);

    const { body } = await own.call(`GET /jobs/${id}`);
    expect(body).toMatchObject({ state: 'RUNNING', tasks: [], lanes: [{ taskId }] });
    const task = (await own.call(`GET /jobs/${id}/tasks/${taskId}`)).body;
    expect(task.status).toBe('DONE');
    expect(task).toMatchObject({ decision: { to: { 0: '20' } } });

    await replaceJob(id, topic, task.decision.to);
    expect(await numbersIn(own.product, 'flights')).toEqual(range(0, 20));
  });

  it('a lane that is ahead of its task goes on; the task holds a place until it is deleted, and verify tells its range', async () => {
    const { id, topic, taskId, key } = await restoreTaskOlder();
    await own.product.cycle();
    const { body } = await own.call(`GET /jobs/${id}`);
    expect(body).toMatchObject({ state: 'RUNNING', tasks: [], lanes: [{ lag: '0' }] });
    expect((await own.call(`GET /jobs/${id}/tasks?status=PENDING`)).body.tasks).toMatchObject([
      { id: taskId },
    ]);
    expect((await findLiveTasks(own.tables)).count).toBe(1);

    await own.tables.write({ kind: 'delete', key, condition: [] });
    expect((await findLiveTasks(own.tables)).count).toBe(0);
    await produce(brokers, topic, { records: numberedRows(20, 25) });
    await own.product.settle(id);
    expect(await numbersIn(own.product, 'flights')).toEqual(range(0, 25));
    expect((await own.call(`GET /jobs/${id}/verify`)).body).toMatchObject({
      complete: false,
      partitions: { 0: { faults: [{ kind: 'gap', from: '10', to: '20' }] } },
    });
  });

  it('a lane whose task is missing is not freed by resuming the job, nor by moving its offsets', async () => {
    const { id } = await restoreTasksOnly();

    await own.call(`POST /jobs/${id}/pause`);
    await own.product.settle(id);
    expect((await own.call(`PATCH /jobs/${id}`, { body: { seek: 'earliest' } })).status).toBe(200);
    await own.call(`POST /jobs/${id}/resume`);
    await own.product.settle(id);

    expect((await own.product.job(id)).state).toBe('NEED_SCHEDULE');
    expect(await numbersIn(own.product, 'flights')).toEqual(range(0, 10));
  });
});
