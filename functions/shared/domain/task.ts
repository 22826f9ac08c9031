import type { BadOffsets, LostLetters } from './bad-offsets.ts';
import type { FailureCode } from './failure.ts';
import type { LeaderEpochs } from './leader-epochs.ts';
import type { OffsetMap, OffsetRange, Slice } from './offsets.ts';

export const TASK_STATUSES = ['PENDING', 'RUNNING', 'DONE', 'CANCELLED', 'IN_DOUBT'] as const;
/** IN_DOUBT: its commit cannot be confirmed and must not be repeated; a person has to look. */
export type TaskStatus = (typeof TASK_STATUSES)[number];

/**
 * What became of the offsets of one partition: `to - from` is their sum and the holes. Each record counts once, as
 * one of these, also where it holds several rows (`format.stripOuterArray`).
 */
export interface PartitionCounts {
  /** Records with rows in the sink. */
  readonly rows: number;
  /** Records that `where` leaves out, with all their rows. */
  readonly filtered: number;
  /** Bad records; one bad row makes its record bad. */
  readonly rejected: number;
  /** Tombstones, empty values that a policy leaves out, and empty arrays. */
  readonly skipped: number;
}

/** Of a partition of which nothing was read. */
export const NO_COUNTS: PartitionCounts = { rows: 0, filtered: 0, rejected: 0, skipped: 0 };

/** A bad row, as an example for people. */
export interface BadRow {
  /** Absent, as the offset, when the destination found the row and does not say where it came from. */
  readonly partition?: number | undefined;
  /** A decimal offset. */
  readonly offset?: string | undefined;
  readonly column?: string | undefined;
  readonly reason: string;
  /** The beginning of the raw value. */
  readonly excerpt: string;
}

/** The policies of a job that decide about single records, by their names in its specification. */
export const RECORD_POLICIES = [
  'tombstone',
  'emptyValue',
  'unknownColumns',
  'oversizedRecord',
] as const;
export type RecordPolicy = (typeof RECORD_POLICIES)[number];

/** What a policy did to records of one partition: the first of them is `from`, the last is before `to`. */
export interface PolicyApplication extends OffsetRange {
  readonly policy: RecordPolicy;
  /** The policy's value in the job's specification, e.g. `skip`. */
  readonly action: string;
  readonly partition: number;
  /** Records between `from` and `to` that it was applied to; others may lie between them. */
  readonly count: number;
}

/** What one attempt read and wrote. */
export interface TaskStatistics {
  readonly counts: ReadonlyMap<number, PartitionCounts>;
  /** Rows in the sink, where they are not as many as the records that they are from. */
  readonly elements?: number | undefined;
  /** Bytes of record values read. */
  readonly bytes: number;
  /** Bytes written into the sink. */
  readonly writtenBytes: number;
  readonly badRows: readonly BadRow[];
  /** One entry per policy and partition, and only for policies that were applied. */
  readonly policies: readonly PolicyApplication[];
}

/** What a sink needs to commit what it has prepared; opaque to all but the sink, and serialisable. */
export type SinkHandle = Readonly<Record<string, string | number>>;

/**
 * The write that makes a slice irrevocable. `handle` is absent when nothing was to be loaded: a slice
 * of markers, tombstones or holes only is a legal empty commit.
 */
export interface Decision {
  readonly attempt: number;
  readonly handle?: SinkHandle | undefined;
  /** The exact ends; at most the slice's. */
  readonly to: OffsetMap;
  /** Of the record before each end, where it was told; absent when of none. */
  readonly epochs?: LeaderEpochs | undefined;
  /** Where the commit leaves dead letters, in the words of the sink; absent when it leaves none. */
  readonly deadLetters?: string | undefined;
  /** The bad records of a sink that keeps no dead letters; absent when there are none. */
  readonly badOffsets?: BadOffsets | undefined;
  /** Of the dead letters that the task loads again: those that can never be; absent when there are none. */
  readonly lost?: LostLetters | undefined;
  readonly statistics: TaskStatistics;
  readonly at: number;
}

/** Why an attempt failed. */
export interface TaskError {
  readonly code: FailureCode;
  readonly message: string;
  readonly at: number;
  readonly attempt: number;
}

/** The dead letters that a task loads again, and the request that it does it for. */
export interface TaskRedrive {
  /** A {@link RedriveRequest}'s id. */
  readonly request: string;
  /** The tasks that left them, and where, in the words of the sink; without a location the topic has them. */
  readonly letters: readonly { readonly taskId: string; readonly location?: string | undefined }[];
}

/** The record of one slice. Times are epoch ms. */
export interface Task {
  readonly jobId: string;
  /** A ULID. */
  readonly id: string;
  readonly lane: number;
  readonly generation: number;
  /** The lane's revision while this task is its live one. */
  readonly laneRevision: number;
  readonly specVersion: number;
  readonly slice: Slice;
  /** Of the record before the slice's beginning, as the lane knew them when the task was planned. */
  readonly epochs?: LeaderEpochs | undefined;
  /** Present: it loads dead letters instead of the topic; its slice only says where they come from, and no offsets move. */
  readonly redrive?: TaskRedrive | undefined;
  readonly status: TaskStatus;
  /** Tries so far; the fencing token of the one that runs. */
  readonly attempt: number;
  /** Tries that failed or died. */
  readonly failures: number;
  /** Who runs it: one invocation of a loader. */
  readonly owner?: string | undefined;
  readonly leaseUntil?: number | undefined;
  /** PENDING: not to be claimed before. */
  readonly notBefore?: number | undefined;
  /** PENDING: when it was last offered to the stream, and how often. */
  readonly offeredAt: number;
  readonly offers: number;
  readonly decision?: Decision | undefined;
  readonly error?: TaskError | undefined;
  readonly createdAt: number;
  readonly finishedAt?: number | undefined;
}

/** The sink's name for one attempt: it follows from task and attempt, so nothing need be recorded. */
export function attemptLabel(task: Pick<Task, 'jobId' | 'id'>, attempt: number): string {
  return `rl_${task.jobId}_${task.id}_${attempt}`;
}

/** What a label names, or `undefined` when it is not one of ours. */
export function parseAttemptLabel(
  label: string,
): { jobId: string; taskId: string; attempt: number } | undefined {
  const match = /^rl_([^_]+)_([^_]+)_(\d+)$/.exec(label);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { jobId: match[1], taskId: match[2], attempt: Number(match[3]) };
}

/** Rows in the sink beyond one for each record that is counted as a row; below zero where they are fewer. */
export function extraRows({
  counts,
  elements,
}: Pick<TaskStatistics, 'counts' | 'elements'>): number {
  return elements === undefined ? 0 : elements - totalCounts(counts).rows;
}

/** Sums over all partitions. */
export function totalCounts(counts: ReadonlyMap<number, PartitionCounts>): PartitionCounts {
  let rows = 0;
  let rejected = 0;
  let skipped = 0;
  let filtered = 0;
  for (const count of counts.values()) {
    rows += count.rows;
    rejected += count.rejected;
    skipped += count.skipped;
    filtered += count.filtered;
  }
  return { rows, filtered, rejected, skipped };
}
