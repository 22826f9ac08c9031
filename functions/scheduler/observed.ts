import type { LoadFailure } from '#shared/domain/failure.ts';
import type { Job, JobTotals } from '#shared/domain/job.ts';
import type { JobState, Reason, ReasonCode } from '#shared/domain/job-state.ts';
import type { Lane, LoadStart } from '#shared/domain/lane.ts';
import type { LeaderEpochs } from '#shared/domain/leader-epochs.ts';
import type { OffsetMap, Slice } from '#shared/domain/offsets.ts';
import type { DeadLetters } from '#shared/domain/redrive.ts';
import type { Stall } from '#shared/domain/stall.ts';
import type { LogView } from '#shared/domain/start-offsets.ts';
import type { Task, TaskError, TaskRedrive } from '#shared/domain/task.ts';
import type { TopicDescription } from '#shared/kafka/cluster.ts';
import type { UnloadedAge } from './observe-age.ts';

/** What a cycle sees and what it may do: the two sides of `plan(observed, now) -> actions`. */

/** What the cluster says about a job's topic; `topic` is absent when it does not exist. */
export interface SourceView extends LogView {
  readonly topic: TopicDescription | undefined;
  /** Only in the cycles whose turn it is, and while something is left to load. */
  readonly age?: UnloadedAge | undefined;
}

/** Everything that planning one job looks at. */
export interface Observed {
  readonly job: Job;
  /** Of all generations. */
  readonly lanes: readonly Lane[];
  /** The live tasks that lanes name, also those of generations that are over, by id. */
  readonly tasks: ReadonlyMap<string, Task>;
  /** The oldest that the user wants loaded again; absent when the job's state or the user asks for none. */
  readonly deadLetters?: readonly DeadLetters[] | undefined;
  /** Absent when the job's state asks nothing of Kafka. */
  readonly source?: SourceView | LoadFailure | undefined;
  /** Workers of the destination that are alive; absent when it has none. */
  readonly aliveWorkers?: number | undefined;
  /** How many more tasks may be live in the whole installation, and of how many. */
  readonly room: number;
  readonly capacity: number;
}

/** Settings of the installation that planning needs. Times in ms. */
export interface PlanSettings {
  readonly cycleMs: number;
  readonly leaseMarginMs: number;
  readonly maxTaskFailures: number;
  readonly maxBatchRows: number;
  readonly maxBatchBytes: number;
}

/** A lane of the next generation, before it is written. */
export interface LaneDraft {
  readonly next: OffsetMap;
  /** Where loading began, for the partitions that go on; the others begin with this division. */
  readonly kept: ReadonlyMap<number, LoadStart>;
  readonly until?: OffsetMap | undefined;
  /** Of the partitions that go on from where they stood, as far as they are known. */
  readonly epochs?: LeaderEpochs | undefined;
  readonly ends: OffsetMap;
}

/** A partition whose offsets a policy or the user moved: what lies between was skipped, or is loaded again. */
export interface Jump {
  readonly partition: number;
  /** Where it stood or wanted to begin, and where it goes on; decimal offsets. */
  readonly from: string;
  readonly to: string;
  readonly by: 'seek' | 'policy';
}

/** One thing to do; each is safe to do twice, late, or beside another cycle that does the same. */
export type Action =
  | { readonly kind: 'reoffer'; readonly task: Task; readonly error: TaskError }
  | { readonly kind: 'touch'; readonly task: Task }
  | { readonly kind: 'cancel'; readonly task: Task }
  | {
      readonly kind: 'change-state';
      readonly to: JobState;
      readonly code: ReasonCode;
      readonly message: string;
      readonly detail?: Readonly<Record<string, unknown>> | undefined;
    }
  | {
      readonly kind: 'divide';
      readonly lanes: readonly LaneDraft[];
      readonly topicId: string | undefined;
      readonly totals: JobTotals;
      readonly detail: Readonly<Record<string, unknown>>;
      readonly jumps: readonly Jump[];
    }
  | {
      readonly kind: 'plan-slice';
      readonly lane: Lane;
      readonly slice: Slice;
      readonly redrive?: TaskRedrive | undefined;
      readonly ends: OffsetMap;
    }
  | { readonly kind: 'open-lane'; readonly lane: Lane }
  /** None of the dead letters that the user wanted is left, or a task that loaded them failed for good. */
  | {
      readonly kind: 'end-redrive';
      readonly taskId?: string;
      readonly failure?: Pick<LoadFailure, 'code' | 'message' | 'facts'>;
    }
  | { readonly kind: 'sweep-lane'; readonly lane: Lane }
  /** Nothing is left to see off: due again at the time, or never. */
  | { readonly kind: 'rest'; readonly dueAt: number | undefined }
  /** A stall that began, or, `undefined`, the end of the one that the job remembers. */
  | { readonly kind: 'tell-stall'; readonly stall: Stall | undefined }
  /** Why the job got no task; `undefined` clears what stood there. */
  | { readonly kind: 'note'; readonly note: Reason | undefined };
