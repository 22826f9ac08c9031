import { beforeEach, describe, expect, it } from 'vitest';
import { LoadFailure } from '#shared/domain/failure.ts';
import type { Job } from '#shared/domain/job.ts';
import { attemptLabel, type Task } from '#shared/domain/task.ts';
import { listLeftAttempts } from '#shared/store/left-attempts.ts';
import { recordDecision } from '#shared/store/tasks.ts';
import { abandon, abortEarlierAttempts } from '../../../functions/loader/abandon.ts';
import type { LoaderDeps } from '../../../functions/loader/loader-deps.ts';
import type { Sink } from '../../../functions/loader/sinks/sink.ts';
import { sweepSink } from '../../../functions/loader/sweep-sink.ts';
import { makeMemoryTables } from '../../support/memory-tables.ts';
import {
  exampleDecision,
  exampleJob,
  NOW,
  newId,
  runningTask,
  taskNow,
} from '../../support/store-examples.ts';
import { takenOver } from '../../support/suites/task-store/taken-over.ts';

const LIFE_MS = 1_200_000;

/** A warehouse that lists nothing: the labels that are prepared in it. */
class Warehouse {
  readonly prepared = new Set<string>();
  failure: LoadFailure | undefined;

  readonly sink: Sink = {
    open: () => Promise.reject(new Error('nothing is loaded here')),
    commit: async () => ({ kind: 'committed' }),
    abort: async (label) => {
      if (this.failure) throw this.failure;
      this.prepared.delete(label);
    },
  };
}

let warehouse: Warehouse;
let deps: LoaderDeps;
let now: number;
let logged: string[];
beforeEach(() => {
  warehouse = new Warehouse();
  now = NOW;
  logged = [];
  deps = {
    tables: makeMemoryTables(),
    stage: () => Promise.reject(new Error('nothing is loaded here')),
    sinkOf: () => warehouse.sink,
    clock: { now: () => now, sleep: () => Promise.resolve() },
    newId,
    settings: {
      leaseMs: 60_000,
      deadlineMarginMs: 1_000,
      loaderLifeMs: LIFE_MS,
      maxTaskFailures: 5,
      retentionDays: 7,
      maxBatchRows: 1_000,
      maxBatchBytes: 1_000_000,
    },
    log: (message) => logged.push(message),
  };
});

/** A task whose second attempt has aborted the label of the first, which prepares behind that. */
async function withZombie(): Promise<{ job: Job; task: Task; label: string }> {
  const { task: first } = await runningTask(deps.tables);
  const task = await takenOver(deps.tables, first);
  await abortEarlierAttempts(deps, warehouse.sink, task);
  const label = attemptLabel(task, 1);
  warehouse.prepared.add(label);
  return { job: { ...exampleJob().job, id: task.jobId }, task, label };
}

const sweep = (job: Job) => sweepSink(deps, job, () => {});
const noted = (job: Job) => listLeftAttempts(deps.tables, job.id);

describe('what a zombie has prepared behind its successor', () => {
  it('stays while its loader may live, and goes with the note after that', async () => {
    const { job } = await withZombie();
    now = NOW + LIFE_MS - 1;
    await sweep(job);
    expect([warehouse.prepared.size, (await noted(job)).length]).toEqual([1, 1]);
    now = NOW + LIFE_MS;
    await sweep(job);
    expect([warehouse.prepared.size, await noted(job)]).toEqual([0, []]);
  });

  it('goes while the attempt that decided keeps its own, committed or not', async () => {
    const { job, task } = await withZombie();
    await recordDecision(deps.tables, task, exampleDecision(task));
    warehouse.prepared.add(attemptLabel(task, 2));
    now = NOW + LIFE_MS;
    await sweep(job);
    expect([...warehouse.prepared]).toEqual([attemptLabel(task, 2)]);
    expect(await noted(job)).toEqual([]);
  });

  it('waits for the next loader where the warehouse does not answer, and costs the task nothing', async () => {
    const { job } = await withZombie();
    now = NOW + LIFE_MS;
    warehouse.failure = new LoadFailure('SINK_UNREACHABLE', 'no answer');
    await sweep(job);
    expect((await noted(job)).length).toBe(1);
    warehouse.failure = undefined;
    await sweep(job);
    expect([warehouse.prepared.size, await noted(job)]).toEqual([0, []]);
  });

  it('is told, and kept noted, where it is visible though nothing was decided', async () => {
    const { job } = await withZombie();
    now = NOW + LIFE_MS;
    warehouse.failure = new LoadFailure('COMMIT_IN_DOUBT', 'its rows are visible');
    await sweep(job);
    expect([logged, (await noted(job)).length]).toEqual([['leftovers could not be swept'], 1]);
  });

  it('is noted also of a task that is given up, before it is', async () => {
    const { job, task } = await withZombie();
    const third = await takenOver(deps.tables, task);
    warehouse.failure = new LoadFailure('SINK_UNREACHABLE', 'no answer');
    await abandon(deps, { ...job, state: 'PAUSED' }, third);
    expect((await taskNow(deps.tables, task)).status).toBe('CANCELLED');
    expect(await noted(job)).toMatchObject([{ attempts: 2 }]);
    warehouse.failure = undefined;
    now = NOW + LIFE_MS;
    await sweep(job);
    expect(warehouse.prepared.size).toBe(0);
  });
});

it('an attempt that has lost its task aborts nothing', async () => {
  const { task } = await runningTask(deps.tables);
  const second = await takenOver(deps.tables, task);
  await takenOver(deps.tables, second);
  warehouse.prepared.add(attemptLabel(task, 1));
  await expect(abortEarlierAttempts(deps, warehouse.sink, second)).rejects.toThrow(/has lost task/);
  expect(warehouse.prepared.size).toBe(1);
});

it('a first attempt, and a sink that lists what is left, need no note', async () => {
  const { task } = await runningTask(deps.tables);
  await abortEarlierAttempts(deps, warehouse.sink, task);
  const second = await takenOver(deps.tables, task);
  await abortEarlierAttempts(deps, { ...warehouse.sink, sweep: async () => 0 }, second);
  expect(await listLeftAttempts(deps.tables, task.jobId)).toEqual([]);
});
