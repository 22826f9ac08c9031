import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LoaderDeps } from '../../../functions/loader/loader-deps.ts';
import { runChain } from '../../../functions/loader/run-chain.ts';
import type { Sink } from '../../../functions/loader/sinks/sink.ts';
import { type CycleDeps, runCycle } from '../../../functions/scheduler/cycle.ts';
import { newJob } from '../../../functions/shared/domain/change-job.ts';
import { jobSpec } from '../../../functions/shared/domain/job-spec.ts';
import type { Task } from '../../../functions/shared/domain/task.ts';
import type { KafkaClusters } from '../../../functions/shared/kafka/cluster.ts';
import { insertJob, readJob } from '../../../functions/shared/store/jobs.ts';
import { listTasks } from '../../../functions/shared/store/tasks.ts';
import { makeMemoryTables } from '../../support/memory-tables.ts';
import { NOW, newId } from '../../support/store-examples.ts';

/** Jobs whose backlog never ends, by the product's scheduler and task protocol; only Kafka and the sink are not there. */

const CYCLE_MS = 60_000;
const LIMITS = { maxBatchRows: 100, maxBatchBytes: 1_000_000 };

/** Topics are called by their number of partitions. */
const endless: KafkaClusters = {
  connect: async () => ({
    describeTopics: async (topics) =>
      new Map(topics.map((topic) => [topic, { topicId: topic, partitions: upTo(Number(topic)) }])),
    listOffsets: async ({ partitions, at }) =>
      new Map(partitions.map((partition) => [partition, at === 'earliest' ? 0n : 1_000_000_000n])),
    close: async () => {},
  }),
};

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

function installation(capacity: number) {
  const tables = makeMemoryTables();
  let now = NOW;
  const clock = { now: () => now, sleep: async () => {} };
  const log = () => {};
  const common = { tables, clock, newId, log };
  const settings = { ...LIMITS, maxTaskFailures: 3, retentionDays: 7 };
  const scheduler: CycleDeps = {
    ...common,
    clusters: endless,
    settings: { ...settings, capacity, cycleMs: CYCLE_MS, leaseMarginMs: 5_000 },
  };
  const loader: LoaderDeps = {
    ...common,
    sinkOf: () => ({ abort: async () => {} }) as unknown as Sink,
    stage: async ({ task }) => ({
      handle: undefined,
      to: new Map([...task.slice].map(([partition, { to }]) => [partition, to])),
      epochs: new Map(),
      ends: new Map(),
      statistics: { counts: new Map(), bytes: 1, writtenBytes: 1, badRows: [], policies: [] },
    }),
    settings: {
      ...settings,
      leaseMs: 60_000,
      deadlineMarginMs: 1_000,
      loaderLifeMs: 1_200_000,
    },
  };
  return {
    tables,
    async create(index: number, lanes: number) {
      const spec = jobSpec.parse({
        name: `job-${index}`,
        source: {
          kafka: { brokers: [`b${index % 2}:9092`], topic: `${lanes}`, startOffsets: 'earliest' },
        },
        destination: { file: { table: `job-${index}` } },
        desiredConcurrency: lanes,
      });
      const { after, entry } = newJob(spec, { id: `J${index}`, token: newId(), now });
      await insertJob(tables, after, entry);
      return after.id;
    },
    /** A cycle; then every live task loads its slice and leaves its lane's next one to the stream. */
    async cycleAndLoad(ids: readonly string[]): Promise<Task[]> {
      now += CYCLE_MS - 10_000;
      await runCycle(scheduler, now + CYCLE_MS);
      now += 10_000;
      const live: Task[] = [];
      for (const id of ids) {
        // Newest first, and every task is done by the end of its cycle.
        const { tasks } = await listTasks(tables, id, { limit: 20 });
        live.push(...tasks.filter(({ status }) => status === 'PENDING'));
      }
      for (const { jobId, id } of live) await runChain(loader, { jobId, taskId: id }, now + 5_000);
      return live;
    },
  };
}

describe('where more lanes have a backlog than there are tasks', () => {
  it('every lane of every job gets its turn again and again', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 }),
        async (capacity, sizes) => {
          const { create, cycleAndLoad } = installation(capacity);
          const fitting = sizes.map((lanes) => Math.min(lanes, capacity));
          const ids = await Promise.all(fitting.map((lanes, i) => create(i, lanes)));
          const seen = new Map<string, number>();
          const window = 24;
          for (let cycle = 1; cycle <= 2 * window; cycle += 1) {
            const live = await cycleAndLoad(ids);
            expect(live.length).toBeLessThanOrEqual(capacity);
            for (const { jobId, lane } of live) seen.set(`${jobId} ${lane}`, cycle);
          }
          const wanted = ids.flatMap((id, i) => upTo(fitting[i]!).map((lane) => `${id} ${lane}`));
          expect(wanted.filter((lane) => (seen.get(lane) ?? 0) <= window)).toEqual([]);
        },
      ),
      { numRuns: 20 },
    );
  }, 30_000);
});

describe('jobs that come when others have all of the capacity, and are no more than it with them', () => {
  it('have a task after two cycles', async () => {
    const lanes = fc.integer({ min: 1, max: 6 });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 8 }),
        fc.array(lanes, { minLength: 1, maxLength: 7 }),
        async (capacity, sizes) => {
          const { create, cycleAndLoad } = installation(capacity);
          const hogs = [await create(0, capacity)];
          for (let cycle = 0; cycle < 3; cycle += 1) await cycleAndLoad(hogs);
          const later = sizes.slice(0, capacity - 1).map((count) => Math.min(count, capacity));
          const come = await Promise.all(later.map((count, i) => create(i + 1, count)));
          await cycleAndLoad([...hogs, ...come]);
          const live = await cycleAndLoad([...hogs, ...come]);

          const loading = new Set(live.map(({ jobId }) => jobId));
          expect([...hogs, ...come].filter((id) => !loading.has(id))).toEqual([]);
        },
      ),
      { numRuns: 50 },
    );
  }, 30_000);
});

describe('where there is room for all', () => {
  it('no job is written', async () => {
    const { tables, create, cycleAndLoad } = installation(6);
    const ids = await Promise.all([create(0, 3), create(1, 3)]);
    await cycleAndLoad(ids);
    const before = await Promise.all(ids.map((id) => readJob(tables, id)));
    for (let cycle = 0; cycle < 5; cycle += 1) await cycleAndLoad(ids);

    expect(await Promise.all(ids.map((id) => readJob(tables, id)))).toEqual(before);
  });
});

describe('a job that wants more than all others leave it', () => {
  it('gets its fair share, and the others keep theirs', async () => {
    const { create, cycleAndLoad } = installation(6);
    const hog = await create(0, 6);
    await cycleAndLoad([hog]);
    const ids = [hog, await create(1, 2), await create(2, 4)];
    const counts: number[][] = [];
    for (let cycle = 0; cycle < 9; cycle += 1) {
      const live = await cycleAndLoad(ids);
      counts.push(ids.map((id) => live.filter(({ jobId }) => jobId === id).length));
    }

    for (const [, second = 0, third = 0] of counts.slice(3)) {
      expect(second).toBeGreaterThanOrEqual(1);
      expect(third).toBeGreaterThanOrEqual(1);
      expect(second + third).toBeGreaterThanOrEqual(3);
    }
  });
});
