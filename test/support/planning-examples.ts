import type { Observed, PlanSettings, SourceView } from '../../functions/scheduler/observed.ts';
import { newJob } from '../../functions/shared/domain/change-job.ts';
import type { Job } from '../../functions/shared/domain/job.ts';
import { type JobSpecInput, jobSpec } from '../../functions/shared/domain/job-spec.ts';
import type { Lane } from '../../functions/shared/domain/lane.ts';
import type { Task } from '../../functions/shared/domain/task.ts';

/** What a cycle could see, for tests of planning. */

export const NOW = 1_800_000_000_000;

export const SETTINGS: PlanSettings = {
  cycleMs: 60_000,
  leaseMarginMs: 5_000,
  maxTaskFailures: 3,
  maxBatchRows: 1_000_000,
  maxBatchBytes: 1_000_000_000,
};

type Kafka = Partial<JobSpecInput['source']['kafka']>;

export function exampleJob(fields: Partial<Job> = {}, kafka: Kafka = {}, more: object = {}): Job {
  const spec = jobSpec.parse({
    name: 'flights',
    source: { kafka: { brokers: ['b:9092'], topic: 'flights', ...kafka } },
    destination: { file: { table: 'flights' } },
    ...more,
  });
  const { after } = newJob(spec, { id: 'J1', token: 'T1', now: NOW - 1_000_000 });
  return { ...after, ...fields };
}

/** A log of `[begin, end]` per partition, numbered from 0. */
export function exampleLog(...ends: [bigint, bigint][]): SourceView {
  return {
    topic: { topicId: 'topic-1', partitions: ends.map((_, partition) => partition) },
    earliest: new Map(ends.map(([earliest], partition) => [partition, earliest])),
    latest: new Map(ends.map(([, latest], partition) => [partition, latest])),
    at: new Map(),
  };
}

export function exampleLane(next: [number, bigint][], fields: Partial<Lane> = {}): Lane {
  return {
    jobId: 'J1',
    generation: 1,
    index: 0,
    next: new Map(next),
    start: new Map(
      next.map(([partition]) => [partition, { offset: 0n, generation: 1, at: NOW - 500_000 }]),
    ),
    ends: new Map(next),
    revision: 4,
    errorWindow: { rows: 0, bad: 0 },
    rows: 0,
    bytes: 0,
    rejected: 0,
    skipped: 0,
    filtered: 0,
    tasks: 0,
    createdAt: NOW - 500_000,
    ...fields,
  };
}

export function exampleTask(fields: Partial<Task> = {}): Task {
  return {
    jobId: 'J1',
    id: 'K1',
    lane: 0,
    generation: 1,
    laneRevision: 4,
    specVersion: 1,
    slice: new Map([[0, { from: 0n, to: 10n }]]),
    status: 'PENDING',
    attempt: 0,
    failures: 0,
    offeredAt: NOW,
    offers: 1,
    createdAt: NOW,
    ...fields,
  };
}

export function exampleDecision(fields = {}) {
  return {
    attempt: 1,
    to: new Map([[0, 10n]]),
    statistics: { counts: new Map(), bytes: 0, writtenBytes: 0, badRows: [], policies: [] },
    at: NOW,
    ...fields,
  };
}

export function observe(job: Job, fields: Partial<Observed> = {}): Observed {
  return { job, lanes: [], tasks: new Map(), room: 100, capacity: 100, ...fields };
}

/** Lanes that name the tasks, and the tasks by id. */
export function withTasks(...tasks: Task[]): Pick<Observed, 'lanes' | 'tasks'> {
  return {
    lanes: tasks.map((task, index) =>
      exampleLane([[index, 0n]], { index, taskId: task.id, generation: task.generation }),
    ),
    tasks: new Map(tasks.map((task) => [task.id, task])),
  };
}
