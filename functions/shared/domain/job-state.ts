import { FAILURE_CODES, FAILURES, type FailureCode } from './failure.ts';

/** The states of a job. #313 writes NEED_SCHEDULER; Doris since then, and we, NEED_SCHEDULE. */
export const JOB_STATES = [
  'NEED_SCHEDULE',
  'RUNNING',
  'PAUSED',
  'STOPPED',
  'CANCELLED',
  'COMPLETED',
] as const;
export type JobState = (typeof JOB_STATES)[number];

/**
 * A final job is in its state for ever, and its name is free for another. It changes no more, but for one that is
 * COMPLETED: its dead letters may be loaded again, and its specification corrected for that.
 */
export const FINAL_STATES = [
  'STOPPED',
  'CANCELLED',
  'COMPLETED',
] as const satisfies readonly JobState[];

/** Every legal change; what is not here is refused, also under a race. */
const LEGAL_CHANGES: Readonly<Record<JobState, readonly JobState[]>> = {
  NEED_SCHEDULE: ['RUNNING', 'PAUSED', 'CANCELLED', 'STOPPED'],
  RUNNING: ['NEED_SCHEDULE', 'PAUSED', 'STOPPED', 'COMPLETED'],
  PAUSED: ['NEED_SCHEDULE', 'STOPPED'],
  STOPPED: [],
  CANCELLED: [],
  COMPLETED: [],
};

/** Why a job changed its state when nothing was wrong. */
const ORDINARY_REASONS = [
  'CREATED',
  'SCHEDULED',
  'PAUSED_BY_USER',
  'RESUMED_BY_USER',
  'RESUMED_BY_ITSELF',
  'STOPPED_BY_USER',
  'PARTITIONS_CHANGED',
  'CONCURRENCY_CHANGED',
  'ALL_LOADED',
  'NO_CAPACITY',
  'STALLED',
  'RECOVERED',
  'ALTERED_BY_USER',
  'RESOLVED_BY_USER',
  'REDRIVE_REQUESTED',
  'REDRIVEN',
  'REDRIVE_FAILED',
  'POLICIES_APPLIED',
  'TYPES_INFERRED',
] as const;

/** Every code that a {@link Reason} can carry. */
export const REASON_CODES = [...ORDINARY_REASONS, ...FAILURE_CODES] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

/** Carried by every change of state and by notes on why a job got no task. `at` is epoch ms. */
export interface Reason {
  readonly code: ReasonCode;
  readonly message: string;
  readonly at: number;
}

/** A change of state that the table of legal changes does not have. */
export class IllegalStateChange extends Error {
  readonly from: JobState;
  readonly to: JobState;

  constructor(from: JobState, to: JobState) {
    const allowed = LEGAL_CHANGES[from];
    super(
      `a job that is ${from} cannot become ${to}; ` +
        (allowed.length === 0 ? `${from} is final` : `allowed: ${allowed.join(', ')}`),
    );
    this.name = 'IllegalStateChange';
    this.from = from;
    this.to = to;
  }
}

/** Whether `state` is STOPPED, CANCELLED or COMPLETED. */
export function isFinal(state: JobState): boolean {
  return (FINAL_STATES as readonly JobState[]).includes(state);
}

/** Passes when the change is legal. @throws {IllegalStateChange} when it is not. */
export function assertLegalChange(from: JobState, to: JobState): void {
  if (!LEGAL_CHANGES[from].includes(to)) throw new IllegalStateChange(from, to);
}

/** Whether a job that paused for this reason comes back by itself. */
export function resumesByItself(code: ReasonCode): boolean {
  return code in FAILURES && FAILURES[code as FailureCode].resumes === 'auto';
}
