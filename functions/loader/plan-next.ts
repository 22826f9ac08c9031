import type { Job } from '#shared/domain/job.ts';
import type { Lane } from '#shared/domain/lane.ts';
import { epochsOf, movedEpochs } from '#shared/domain/leader-epochs.ts';
import { type OffsetMap, overlay } from '#shared/domain/offsets.ts';
import { batchWithin, openLag, planSlice } from '#shared/domain/slice-plan.ts';
import { type Decision, type Task, totalCounts } from '#shared/domain/task.ts';

/** What follows a slice in its lane. */

/** A loader goes on itself only while this much of its time (ms) is left for reading. */
const LEAST_READING_MS = 10_000;

/** What deciding about the successor looks at. Times in epoch ms. */
export interface NextQuestion {
  readonly job: Job | undefined;
  readonly lane: Lane;
  readonly task: Task;
  readonly decision: Decision;
  readonly ends: OffsetMap;
  readonly limits: { readonly maxBatchRows: number; readonly maxBatchBytes: number };
  readonly now: number;
  /** Until when the loader may read. */
  readonly deadline: number;
  /** The id, owner and lease that the successor would get. */
  readonly id: string;
  readonly owner: string;
  readonly leaseUntil: number;
}

/**
 * The lane's next task: RUNNING and claimed by this loader while it has time, PENDING for the stream when
 * it has not, `undefined` while the job does not run, nothing is left, or it is not worth a slice yet.
 */
export function planSuccessor(question: NextQuestion): Task | undefined {
  const { job, lane, task, decision, ends, limits, now } = question;
  if (job?.state !== 'RUNNING' || job.generation !== task.generation) return undefined;
  const { rows, filtered, rejected } = totalCounts(decision.statistics.counts);
  const next = overlay(lane.next, decision.to);
  const slice = planSlice({
    lane: {
      ...lane,
      next,
      rows: lane.rows + rows,
      filtered: lane.filtered + filtered,
      rejected: lane.rejected + rejected,
      bytes: lane.bytes + decision.statistics.bytes,
      tasks: lane.tasks + 1,
    },
    ends,
    batch: batchWithin(job.spec.batch, limits),
    // The lane's ends are those that its slice was planned with.
    isRest: openLag({ ...lane, next }, lane.ends).size > 0,
    now,
  });
  if (slice === undefined) return undefined;
  const planned: Task = {
    jobId: job.id,
    id: question.id,
    lane: lane.index,
    generation: lane.generation,
    laneRevision: task.laneRevision + 1,
    specVersion: job.specVersion,
    slice,
    epochs: epochsOf(movedEpochs(lane.epochs, decision), slice.keys()),
    status: 'PENDING',
    attempt: 0,
    failures: 0,
    offeredAt: now,
    offers: 1,
    createdAt: now,
  };
  if (question.deadline - now < LEAST_READING_MS) return planned;
  const { owner, leaseUntil } = question;
  return { ...planned, status: 'RUNNING', attempt: 1, owner, leaseUntil };
}
