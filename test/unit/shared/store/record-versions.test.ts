import { describe, expect, it } from 'vitest';
import { decodeHistory, decodeJob, encodeJob, jobKey } from '#shared/store/job-record.ts';
import { decodeLane, encodeLane, laneKey } from '#shared/store/lane-record.ts';
import type { Item, Key, Tables } from '#shared/store/tables.ts';
import { decodeTask, taskKey } from '#shared/store/task-record.ts';
import type { LoaderDeps } from '../../../../functions/loader/loader-deps.ts';
import { runChain } from '../../../../functions/loader/run-chain.ts';
import { makeMemoryTables } from '../../../support/memory-tables.ts';
import { exampleJob, NOW, newId, plannedTask } from '../../../support/store-examples.ts';

/**
 * An upgrade with jobs running: two versions of the code meet the same records, as docs/runbook.md promises.
 * Newer code reads what older code wrote; older code stops before what it does not know, and changes nothing.
 */

describe('records as the first release wrote them are read', () => {
  const spec = {
    name: 'flights',
    source: { kafka: { brokers: ['b:9092'], topic: 'flights' } },
    destination: { file: { table: 'flights' } },
  };
  const reason = { code: 'SCHEDULED', message: 'divided into 1 lanes (generation 1)', at: 1 };
  const totals = { rows: 1, bytes: 2, rejected: 0, skipped: 0, filtered: 0, tasks: 1 };

  it('jobs', () => {
    const job = decodeJob({
      v: 1,
      pk: 'JOB#J1',
      sk: 'JOB',
      listed: 'JOBS',
      activeShard: 'A1',
      id: 'J1',
      name: 'flights',
      spec: JSON.stringify(spec),
      specVersion: 1,
      state: 'RUNNING',
      reason,
      generation: 1,
      claimedGeneration: 1,
      changeToken: 'T1',
      dueAt: 0,
      totals,
      createdAt: 1,
      updatedAt: 2,
    });
    expect(job).toMatchObject({ state: 'RUNNING', totals });
  });

  it('jobs whose types were text because nobody declared any, and are not inferred now', () => {
    const { job } = exampleJob();
    const destination = { file: { table: 'flights', format: 'parquet' } };
    const stored = JSON.stringify({ ...job.spec, columns: 'code', destination });
    expect(decodeJob({ ...encodeJob(job), spec: stored }).spec.types).toEqual({});
  });

  it('lanes', () => {
    const lane = decodeLane({
      v: 1,
      pk: 'JOB#J1',
      sk: 'LANE#000001#0000',
      jobId: 'J1',
      generation: 1,
      index: 0,
      next: { '0': '9007199254740993' },
      start: { '1': { at: 1, offsets: { '0': '0' } } },
      ends: { '0': '9007199254740999' },
      revision: 3,
      errorWindow: { rows: 0, bad: 0 },
      ...totals,
      createdAt: 1,
    });
    expect(lane.next.get(0)).toBe(9_007_199_254_740_993n);
  });

  it('tasks that are decided', () => {
    const task = decodeTask({
      v: 1,
      pk: 'J1',
      sk: 'K1',
      liveShard: 'L1',
      lane: 0,
      generation: 1,
      laneRevision: 4,
      specVersion: 1,
      slice: { '0': ['0', '10'] },
      status: 'RUNNING',
      attempt: 1,
      failures: 0,
      owner: 'O1',
      leaseUntil: 9,
      offeredAt: 1,
      offers: 1,
      decision: {
        attempt: 1,
        handle: { path: 'flights/1.ndjson' },
        to: { '0': '10' },
        statistics: { counts: { '0': [10, 0, 0, 0] }, bytes: 100, writtenBytes: 110, badRows: [] },
        at: 5,
      },
      createdAt: 1,
    });
    expect(task.decision?.to).toEqual(new Map([[0, 10n]]));
  });

  it('entries of a history', () => {
    const entry = { v: 1, pk: 'JOB#J1', sk: 'HISTORY#E1', id: 'E1', at: 1, kind: 'state', reason };
    expect(decodeHistory({ ...entry, from: 'NEED_SCHEDULE', to: 'RUNNING' })).toMatchObject({
      kind: 'state',
    });
  });
});

/** Writes over a record as a version of the code would that is not written yet. */
async function fromTheFuture(tables: Tables, key: Key, change: Item): Promise<Item> {
  const item = { ...(await tables.get(key)), ...change };
  await tables.write({ kind: 'put', key, item, condition: [] });
  return item;
}

/** A loader that must not come as far as reading Kafka. */
function olderLoader(tables: Tables): LoaderDeps {
  const never = () => {
    throw new Error('nothing may be loaded');
  };
  return {
    tables,
    stage: never,
    sinkOf: never,
    clock: { now: () => NOW + 1, sleep: async () => undefined },
    newId,
    settings: {
      leaseMs: 60_000,
      deadlineMarginMs: 1_000,
      loaderLifeMs: 1_200_000,
      maxTaskFailures: 5,
      retentionDays: 7,
      maxBatchRows: 1_000,
      maxBatchBytes: 1_000_000,
    },
    log: () => undefined,
  };
}

describe('older code that meets newer records', () => {
  const newer: [string, Item][] = [
    ['a field that it does not know', { invented: 'later' }],
    ['another version', { v: 2 }],
  ];

  it.each(newer)('leaves a task with %s as it is, unclaimed', async (_what, change) => {
    const tables = makeMemoryTables();
    const { task } = await plannedTask(tables);
    const key = taskKey(task.jobId, task.id);
    const item = await fromTheFuture(tables, key, change);

    const running = runChain(
      olderLoader(tables),
      { jobId: task.jobId, taskId: task.id },
      NOW + 600_000,
    );

    await expect(running).rejects.toThrow();
    expect(await tables.get(key)).toEqual(item);
  });

  it.each(newer)(
    'loads nothing of a job with %s, and leaves it as it is',
    async (_what, change) => {
      const tables = makeMemoryTables();
      const { job } = exampleJob();
      const { task } = await plannedTask(tables, { jobId: job.id });
      const running = { ...job, state: 'RUNNING', generation: 1 } as const;
      const key = jobKey(job.id);
      await tables.write({ kind: 'put', key, item: encodeJob(running), condition: [] });
      const item = await fromTheFuture(tables, key, change);

      const chain = runChain(
        olderLoader(tables),
        { jobId: job.id, taskId: task.id },
        NOW + 600_000,
      );

      await expect(chain).rejects.toThrow();
      expect(await tables.get(key)).toEqual(item);
      // Its lease runs out, and newer code loads the slice from where it began.
      expect(await tables.get(taskKey(job.id, task.id))).toMatchObject({
        status: 'RUNNING',
        attempt: 1,
        slice: { '1': ['10', '15'] },
      });
    },
  );

  it.each(newer)('does not read a lane with %s', async (_what, change) => {
    const tables = makeMemoryTables();
    const { lane } = await plannedTask(tables);
    const key = laneKey(lane.jobId, lane.generation, lane.index);
    const item = await fromTheFuture(tables, key, change);

    expect(() => decodeLane(item)).toThrow();
    expect(decodeLane(encodeLane(lane))).toEqual(lane);
  });
});
