import { describe, expect, it } from 'vitest';
import { type CycleDeps, runCycle } from '../../../functions/scheduler/cycle.ts';
import { LoadFailure } from '../../../functions/shared/domain/failure.ts';
import type { Job } from '../../../functions/shared/domain/job.ts';
import type { KafkaClusters } from '../../../functions/shared/kafka/cluster.ts';
import { jobKey } from '../../../functions/shared/store/job-record.ts';
import { insertJob, readJob, replaceJob } from '../../../functions/shared/store/jobs.ts';
import { insertLane } from '../../../functions/shared/store/lanes.ts';
import type { Tables } from '../../../functions/shared/store/tables.ts';
import { makeMemoryTables } from '../../support/memory-tables.ts';
import {
  exampleJob,
  exampleLane,
  NOW,
  newId,
  offsets,
  plannedTask,
  taskNow,
} from '../../support/store-examples.ts';

function cycle(tables: Tables, deps: Partial<CycleDeps> = {}, deadline = NOW + 60_000) {
  return runCycle(
    {
      tables,
      clusters: {
        connect: () => Promise.reject(new LoadFailure('BROKER_UNREACHABLE', 'no broker here')),
      },
      clock: { now: () => NOW, sleep: async () => {} },
      newId,
      log: () => {},
      settings: {
        capacity: 100,
        cycleMs: 60_000,
        leaseMarginMs: 5_000,
        maxTaskFailures: 3,
        maxBatchRows: 1_000,
        maxBatchBytes: 1_000_000,
        retentionDays: 7,
      },
      ...deps,
    },
    deadline,
  );
}

async function storedJob(tables: Tables, fields: Partial<Job>): Promise<Job> {
  const { job, entry } = exampleJob();
  await insertJob(tables, job, entry);
  const after = { ...job, ...fields, changeToken: newId() };
  await replaceJob(tables, job, after);
  return after;
}

describe('a task that a late cycle has planned', () => {
  it('is seen off although its job was stopped and rests', async () => {
    const tables = makeMemoryTables();
    const job = await storedJob(tables, { state: 'STOPPED', generation: 1, dueAt: undefined });
    const { task } = await plannedTask(tables, { jobId: job.id, generation: 1 });

    await cycle(tables);

    expect(await taskNow(tables, task)).toMatchObject({ status: 'CANCELLED' });
    expect((await readJob(tables, job.id))?.dueAt).toBeUndefined();
  });

  it('is seen off although its lane is of a generation that is over', async () => {
    const tables = makeMemoryTables();
    const job = await storedJob(tables, { state: 'RUNNING', generation: 2, claimedGeneration: 2 });
    const { task } = await plannedTask(tables, { jobId: job.id, generation: 1 });

    await cycle(tables);

    expect(await taskNow(tables, task)).toMatchObject({ status: 'CANCELLED' });
  });
});

describe('a job that rests', () => {
  it('is not visited', async () => {
    const tables = makeMemoryTables();
    await storedJob(tables, { state: 'PAUSED', generation: 1, dueAt: undefined });

    expect(await cycle(tables)).toEqual({ jobs: 0, actions: 0, left: 0, failures: 0 });
  });
});

describe('a job whose record newer code wrote', () => {
  it('is left as it is and told of, and the others go on', async () => {
    const tables = makeMemoryTables();
    const known = await storedJob(tables, {});
    const unknown = await storedJob(tables, {});
    const key = jobKey(unknown.id);
    const item = { ...(await tables.get(key)), invented: 'later' };
    await tables.write({ kind: 'put', key, item, condition: [] });
    const logged: unknown[] = [];

    const report = await cycle(tables, { log: (_message, facts) => logged.push(facts) });

    expect(report).toMatchObject({ jobs: 1, failures: 1 });
    expect(logged).toEqual([expect.objectContaining({ jobId: unknown.id })]);
    expect((await readJob(tables, known.id))?.reason.code).toBe('BROKER_UNREACHABLE');
    expect(await tables.get(key)).toEqual(item);
  });
});

describe('many jobs', () => {
  it('of as many clusters are looked at some at once: a client that has just started has no connections for all', async () => {
    const tables = makeMemoryTables();
    for (let i = 0; i < 200; i += 1) {
      const { job, entry } = exampleJob(`job-${i}`, {
        source: { kafka: { brokers: [`cluster-${i}:9092`], topic: 'flights' } },
      });
      await insertJob(tables, job, entry);
    }
    let underWay = 0;
    let most = 0;
    const counted =
      <A extends unknown[], B>(read: (...about: A) => Promise<B>) =>
      async (...about: A): Promise<B> => {
        underWay += 1;
        most = Math.max(most, underWay);
        await new Promise((resolve) => setImmediate(resolve));
        underWay -= 1;
        return read(...about);
      };
    const { get, query } = tables;
    const slow: Tables = { ...tables, get: counted(get), query: counted(query) };

    expect(await cycle(slow)).toMatchObject({ jobs: 200, failures: 0 });

    expect(most).toBeLessThan(50);
  });
});

/** A topic of one partition, which is empty. */
const idleClusters: KafkaClusters = {
  connect: async () => ({
    describeTopics: async (topics) => new Map(topics.map((name) => [name, { partitions: [0] }])),
    listOffsets: async () => new Map([[0, 0n]]),
    close: async () => {},
  }),
};

describe('jobs that a cycle has no time for', () => {
  it('have their turn soon, although each cycle gets through a tenth of them only', async () => {
    const tables = makeMemoryTables();
    const ids = new Set<string>();
    for (let i = 0; i < 60; i += 1) {
      const job = await storedJob(tables, { state: 'RUNNING', generation: 1 });
      const empty = offsets({ 0: 0 });
      await insertLane(tables, exampleLane({ jobId: job.id, next: empty, ends: empty }));
      ids.add(job.id);
    }
    const visited = new Set<string>();
    let cycles = 0;

    while (visited.size < ids.size && cycles < 61) {
      const begun = NOW + cycles * 60_000;
      let now = begun;
      const report = await cycle(
        tables,
        {
          clusters: idleClusters,
          clock: { now: () => now, sleep: async () => {} },
          onVisit: ({ job }) => {
            visited.add(job.id);
            now += 1_000;
          },
        },
        begun + 6_000,
      );
      expect(report.left).toBeGreaterThan(0);
      cycles += 1;
    }

    expect(visited).toEqual(ids);
    expect(cycles).toBeLessThanOrEqual(25);
  });
});
