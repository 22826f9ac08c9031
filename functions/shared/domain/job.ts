import type { JobSpec, OffsetsSpec } from './job-spec.ts';
import type { JobState, Reason } from './job-state.ts';
import type { Lane } from './lane.ts';
import type { RedriveRequest } from './redrive.ts';
import type { ResumeRecord } from './resume.ts';
import type { Yielding } from './yielding.ts';

/** Rows and bytes that a job has loaded, over all its generations that are over. */
export interface JobTotals {
  /** Records that became rows. */
  readonly rows: number;
  /** What these records made beyond one row each; absent where each made one. */
  readonly extraRows?: number | undefined;
  readonly bytes: number;
  readonly rejected: number;
  readonly skipped: number;
  readonly filtered: number;
  readonly tasks: number;
}

export const NO_TOTALS: JobTotals = {
  rows: 0,
  bytes: 0,
  filtered: 0,
  rejected: 0,
  skipped: 0,
  tasks: 0,
};

/** The totals with what a lane has loaded. */
export function addLane(sum: JobTotals, lane: Lane): JobTotals {
  const extraRows = (sum.extraRows ?? 0) + (lane.extraRows ?? 0);
  return {
    rows: sum.rows + lane.rows,
    ...(extraRows !== 0 && { extraRows }),
    bytes: sum.bytes + lane.bytes,
    rejected: sum.rejected + lane.rejected,
    filtered: sum.filtered + lane.filtered,
    skipped: sum.skipped + lane.skipped,
    tasks: sum.tasks + lane.tasks,
  };
}

/** A standing order: load this topic into this table. Times are epoch ms. */
export interface Job {
  readonly id: string;
  readonly spec: JobSpec;
  /** Counts the changes of `spec`, from 1. */
  readonly specVersion: number;
  readonly state: JobState;
  /** Why it is in this state. */
  readonly reason: Reason;
  /** Why it got no task in the last cycles, when there is something to say. */
  readonly note?: Reason | undefined;
  /** Since when it has been stalled, as its history was told; absent once it is told to have recovered. */
  readonly stalledSince?: number | undefined;
  /** The division that counts; 0 before the first. Lanes of other generations are litter. */
  readonly generation: number;
  /** The highest generation that any cycle has begun to write. */
  readonly claimedGeneration: number;
  /** Set anew by every change of the job; a writer that lost its answer knows its own change by it. */
  readonly changeToken: string;
  /** Kafka's id of the topic at the first division, to notice a topic that was recreated. */
  readonly topicId?: string | undefined;
  /** Where to jump at the next division, asked for by the user. */
  readonly seek?: OffsetsSpec | undefined;
  /** Dead letters that a user wants loaded again; absent once none of them is left. */
  readonly redrive?: RedriveRequest | undefined;
  readonly resume?: ResumeRecord | undefined;
  /** Which lanes were asked last to make room; of no meaning once they have. */
  readonly yielding?: Yielding | undefined;
  /** Epoch ms from which a cycle must visit the job; absent when none must. */
  readonly dueAt?: number | undefined;
  readonly totals: JobTotals;
  /** Kept from the request that created it, to answer its repetition alike. */
  readonly idempotencyKey?: string | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/**
 * `offsets`: further jumps of a division; `task`: what a person said of a task in doubt; `redrive`: dead letters
 * were asked for, loaded again or given up; `policy`: what a slice's policies did to which records; `stall`: a
 * running job began to load nothing, or went on; `types`: they were inferred from a sample of a slice.
 */
export const HISTORY_KINDS = [
  'state',
  'spec',
  'offsets',
  'task',
  'redrive',
  'policy',
  'stall',
  'types',
] as const;
type HistoryKind = (typeof HISTORY_KINDS)[number];

/** What a job wrote down when something happened to it. `detail` holds facts by name. */
export interface HistoryEntry {
  readonly id: string;
  readonly at: number;
  readonly kind: HistoryKind;
  readonly from?: JobState | undefined;
  readonly to?: JobState | undefined;
  readonly reason: Reason;
  readonly detail?: Readonly<Record<string, unknown>> | undefined;
}
