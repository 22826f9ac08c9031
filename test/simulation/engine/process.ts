/** What a process runs. */
export type ProcessKind = 'scheduler' | 'loader' | 'user';

/** One invocation of a function: what can crash, be paused and have a clock of its own. */
export interface Process {
  readonly name: string;
  readonly kind: ProcessKind;
  /** A dead process' calls never settle, and have no effect. */
  alive: boolean;
  /** It has returned: a call after that is work that nobody awaited. */
  finished: boolean;
  /** Virtual ms before which none of its steps goes on. */
  pausedUntil: number;
  /** How far its clock is ahead of virtual time, in ms. */
  skewMs: number;
}

export function makeProcess(name: string, kind: ProcessKind, skewMs = 0): Process {
  return { name, kind, alive: true, finished: false, pausedUntil: 0, skewMs };
}
