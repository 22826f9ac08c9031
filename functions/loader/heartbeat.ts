import type { Clock } from '#shared/clock.ts';
import type { Task } from '#shared/domain/task.ts';
import type { Tables } from '#shared/store/tables.ts';
import { renewLease } from '#shared/store/tasks.ts';

/** Renews a task's lease while the task makes progress, and says when the task is lost. */

const BEATS_PER_LEASE = 3;

/** Aborts what an attempt does when its task is somebody else's now. */
export class TaskLost extends Error {
  constructor(task: Task) {
    super(`attempt ${task.attempt} has lost task ${task.id}`);
    this.name = 'TaskLost';
  }
}

/** A heartbeat that beats until it is stopped. */
export interface Heartbeat {
  /** Aborted with {@link TaskLost} when the lease could not be kept. */
  readonly signal: AbortSignal;
  /** Says that the work goes on; without it the lease is not renewed, so that a hung loader loses its task. */
  readonly progress: () => void;
  /** Stops it; resolves when no renewal is under way any more. */
  stop(): Promise<void>;
}

/**
 * Starts the heartbeat of a task that was just claimed. A renewal that could not be made is tried again at
 * the next beat; safety does not rest on it but on the attempt number.
 */
export function startHeartbeat(
  deps: { readonly tables: Tables; readonly clock: Clock; readonly leaseMs: number },
  task: Task,
): Heartbeat {
  const { tables, clock, leaseMs } = deps;
  const lost = new AbortController();
  const stopped = new AbortController();
  let leaseUntil = task.leaseUntil ?? clock.now() + leaseMs;
  let progressed = true;

  const beat = async () => {
    if (progressed) {
      progressed = false;
      const until = clock.now() + leaseMs;
      const kept = await renewLease(tables, task, until).catch(() => undefined);
      if (kept === false) return lost.abort(new TaskLost(task));
      if (kept) leaseUntil = until;
    }
    if (clock.now() > leaseUntil) lost.abort(new TaskLost(task));
  };
  const run = async () => {
    while (!stopped.signal.aborted && !lost.signal.aborted) {
      const waited = await clock.sleep(leaseMs / BEATS_PER_LEASE, stopped.signal).then(
        () => true,
        () => false,
      );
      if (waited) await beat();
    }
  };
  const running = run();

  return {
    signal: lost.signal,
    progress: () => {
      progressed = true;
    },
    async stop() {
      // Nobody looks at the reason, and an AbortError with its stack would be made for every task.
      stopped.abort('stopped');
      await running;
    },
  };
}
