import { type HistoryEntry, type Job, NO_TOTALS } from './job.ts';
import type { JobSpec, OffsetsSpec } from './job-spec.ts';
import {
  assertLegalChange,
  type JobState,
  type Reason,
  type ReasonCode,
  resumesByItself,
} from './job-state.ts';
import { nextResume } from './resume.ts';
import type { Stall } from './stall.ts';

/** A job after a change, with the history entry that goes with it. */
export interface JobChange {
  readonly after: Job;
  readonly entry: HistoryEntry;
}

/** What every change needs from outside: a new ULID, which also becomes the entry's id, and epoch ms. */
export interface ChangeStamp {
  readonly token: string;
  readonly now: number;
}

/** A job that was just created; its first state is NEED_SCHEDULE. */
export function newJob(
  spec: JobSpec,
  options: ChangeStamp & { readonly id: string; readonly idempotencyKey?: string | undefined },
): JobChange {
  const { id, token, now } = options;
  const reason = { code: 'CREATED', message: 'created', at: now } as const;
  return {
    after: {
      id,
      spec,
      specVersion: 1,
      state: 'NEED_SCHEDULE',
      reason,
      generation: 0,
      claimedGeneration: 0,
      changeToken: token,
      dueAt: 0,
      totals: NO_TOTALS,
      idempotencyKey: options.idempotencyKey,
      createdAt: now,
      updatedAt: now,
    },
    entry: { id: token, at: now, kind: 'state', to: 'NEED_SCHEDULE', reason },
  };
}

/**
 * A change of state. The job becomes due at once whatever its new state is: the scheduler still has to
 * see off its tasks, and lets it rest only when none is left.
 *
 * @throws {IllegalStateChange} when the change is not legal
 */
export function changeState(
  job: Job,
  to: JobState,
  options: ChangeStamp & {
    readonly code: ReasonCode;
    readonly message: string;
    readonly detail?: Readonly<Record<string, unknown>> | undefined;
    /** Fields that change together with the state. */
    readonly fields?: Partial<Pick<Job, 'generation' | 'topicId' | 'totals' | 'seek'>> | undefined;
  },
): JobChange {
  assertLegalChange(job.state, to);
  const { token, now, code, message } = options;
  const reason = { code, message, at: now };
  return {
    after: {
      ...job,
      ...options.fields,
      state: to,
      reason,
      note: undefined,
      resume: resumeAfter(job, to, { code, now }),
      changeToken: token,
      dueAt: 0,
      updatedAt: now,
    },
    entry: {
      id: token,
      at: now,
      kind: 'state',
      from: job.state,
      to,
      reason,
      detail: options.detail,
    },
  };
}

function resumeAfter(
  job: Job,
  to: JobState,
  { code, now }: { code: ReasonCode; now: number },
): Job['resume'] {
  if (to === 'PAUSED') return resumesByItself(code) ? nextResume(job.resume, now) : undefined;
  return code === 'RESUMED_BY_USER' ? undefined : job.resume;
}

/** A job's `seek` after another is given: null withdraws the one that stands. */
export function seekAfter<T>(
  { seek: standing }: Pick<Job, 'seek'>,
  given: T | null | undefined,
): T | OffsetsSpec | undefined {
  return given === undefined ? standing : (given ?? undefined);
}

/** A change of the specification, and of where the next division starts to read. */
export function changeSpec(
  job: Job,
  options: ChangeStamp & {
    readonly spec: JobSpec;
    readonly seek?: OffsetsSpec | null | undefined;
  },
): JobChange {
  const { token, now, spec, seek } = options;
  const specVersion = job.specVersion + 1;
  const changed = changedFields(job.spec, spec);
  if (seek !== undefined) changed.push(seek === null ? 'seek (withdrawn)' : 'seek');
  const message = `altered by the user: ${changed.join(', ') || 'nothing'}`;
  return {
    after: {
      ...job,
      spec,
      specVersion,
      seek: seekAfter(job, seek),
      changeToken: token,
      updatedAt: now,
    },
    entry: {
      id: token,
      at: now,
      kind: 'spec',
      reason: { code: 'ALTERED_BY_USER', message, at: now },
      detail: { specVersion, spec, ...(seek && { seek }) },
    },
  };
}

/** The specification's own fields that differ. */
function changedFields(before: JobSpec, after: JobSpec): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof JobSpec>;
  return [...names].filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}

/** A stall that began, or, without one, the end of the stall that the job remembers. Its state stays as it is. */
export function tellStall(
  job: Job,
  stall: Stall | undefined,
  { token, now }: ChangeStamp,
): JobChange {
  const reason: Reason = stall
    ? { code: 'STALLED', message: stall.message, at: now }
    : { code: 'RECOVERED', message: 'lanes that stood still have committed again', at: now };
  const since = stall?.since ?? job.stalledSince;
  return {
    after: { ...job, stalledSince: stall?.since, changeToken: token, updatedAt: now },
    entry: {
      id: token,
      at: now,
      kind: 'stall',
      reason,
      detail: { since, ...(stall && { lanes: stall.lanes }) },
    },
  };
}
