import type { ErrorWindow } from './error-budget.ts';
import type { LeaderEpochs } from './leader-epochs.ts';
import type { OffsetMap } from './offsets.ts';

/**
 * Where the loading of a partition began: when the job first got it, or at its last jump, by which the user
 * or a policy moved its offsets. What tasks of earlier generations loaded is of the time before.
 */
export interface LoadStart {
  readonly offset: bigint;
  /** The division that began there, and when; epoch ms. */
  readonly generation: number;
  readonly at: number;
}

/**
 * One of the n parallel streams of a job. It owns a set of partitions and runs at most one task at a
 * time, so that a partition's records stay in order.
 */
export interface Lane {
  readonly jobId: string;
  readonly generation: number;
  /** 0 to n - 1. */
  readonly index: number;
  /** Next offset to load per partition; its keys are the partitions that the lane owns. */
  readonly next: OffsetMap;
  /** Where each partition's unbroken run of slices up to `next` began; divisions hand it on. */
  readonly start: ReadonlyMap<number, LoadStart>;
  /** Bounded jobs: where each partition ends. */
  readonly until?: OffsetMap | undefined;
  /** Of the record before `next`, for the partitions of which it is known; absent when of none. */
  readonly epochs?: LeaderEpochs | undefined;
  /** Log ends as last seen. */
  readonly ends: OffsetMap;
  /** The live task's id, or absent. */
  readonly taskId?: string | undefined;
  /** Counts every change of `taskId` and `next`: planning and advancing compare it. */
  readonly revision: number;
  readonly errorWindow: ErrorWindow;
  /** Records that became rows. */
  readonly rows: number;
  /** What these records made beyond one row each; absent where each made one. */
  readonly extraRows?: number | undefined;
  /** Bytes of record values read. */
  readonly bytes: number;
  readonly rejected: number;
  readonly skipped: number;
  readonly filtered: number;
  readonly tasks: number;
  /** Epoch ms of the last plan and the last commit. */
  readonly plannedAt?: number | undefined;
  readonly committedAt?: number | undefined;
  readonly createdAt: number;
}

/** What a lane begins with. */
export const NOTHING_LOADED = {
  revision: 0,
  errorWindow: { rows: 0, bad: 0 },
  rows: 0,
  bytes: 0,
  rejected: 0,
  filtered: 0,
  skipped: 0,
  tasks: 0,
} as const satisfies Partial<Lane>;
