import { jobSpec } from '#shared/domain/job-spec.ts';
import type { JobShown, TaskShown } from '../../../../../infra/local/page/read-api.ts';

export const NOON = Date.UTC(2026, 10, 22, 12);

/** ISO 8601, so many seconds before noon. */
export function ago(seconds: number): string {
  return new Date(NOON - seconds * 1_000).toISOString();
}

export function exampleTask(given: Partial<TaskShown> = {}): TaskShown {
  return {
    id: 'T1',
    lane: 0,
    generation: 1,
    specVersion: 1,
    status: 'DONE',
    attempt: 1,
    failures: 0,
    createdAt: ago(20),
    finishedAt: ago(10),
    partitions: 2,
    offsets: '1000',
    statistics: { rows: 1_000, filtered: 0, rejected: 0, skipped: 0, bytes: 9, writtenBytes: 9 },
    ...given,
  };
}

export function exampleJob(given: Partial<JobShown> = {}): JobShown {
  return {
    id: '01JOB',
    name: 'flights',
    state: 'RUNNING',
    reason: { code: 'SCHEDULED', message: 'two partitions over one lane', at: ago(60) },
    stalled: false,
    createdAt: ago(60),
    updatedAt: ago(60),
    generation: 1,
    specVersion: 1,
    lanes: [{ lane: 0, partitions: 2, lag: '1234567' }],
    lag: {
      records: '1234567',
      partitions: {
        '0': { next: '10', end: '10', lag: '0' },
        '1': { next: '20', end: '1234587', lag: '1234567' },
      },
    },
    statistics: {
      rows: 42_000,
      elements: 42_000,
      bytes: 1,
      rejected: 3,
      filtered: 0,
      skipped: 0,
      tasks: 1,
    },
    tasksInFlight: 0,
    tasksInDoubt: 0,
    tasks: [],
    spec: jobSpec.parse({
      name: 'flights',
      source: { kafka: { brokers: ['127.0.0.1:9092'], topic: 'air' } },
      destination: {
        doris: {
          frontends: ['fe:8030'],
          database: 'air',
          table: 'delays',
          secretArn: 'arn:aws:secretsmanager:eu-west-1:000000000000:secret:air',
        },
      },
    }),
    ...given,
  };
}
