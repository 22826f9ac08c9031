import { FAULT_KINDS, type FaultCounts, type FaultKind } from './command-line.ts';
import { DO_FAULT, type FaultDeps } from './faults.ts';

/** Between two faults; short enough that they meet each other's consequences. */
const MEAN_GAP_MS = 500;

/** A process can end by itself, or by another fault, before its own comes. */
const TRIES = 5;

/** These take seconds, and go on beside the others; of each kind one at a time, but for those that only wait. */
const LONG: ReadonlySet<FaultKind> = new Set([
  'stop-loader',
  'restart-broker',
  'restart-store',
  'change-job',
  'destination-fault',
  'restart-destination',
]);

/** Faults done so far, and the part of all that is behind us. */
export interface Injection {
  readonly done: FaultCounts;
  /** Faults of destinations by their words. */
  readonly struck: ReadonlyMap<string, number>;
  /** 0 to 1, growing while faults are waited for, too. */
  progress(): number;
}

/**
 * Does all faults in an order of chance, or those that there is time for. Resolves when the last is over.
 *
 * @throws what went wrong with a fault, e.g. a broker that does not come up again
 */
export async function injectFaults(
  { counts, until }: { readonly counts: FaultCounts; readonly until: number },
  parts: Omit<FaultDeps, 'frozen' | 'struck'>,
  onBegin: (injection: Injection) => void,
): Promise<Injection> {
  const { random, clock, signal } = parts;
  const deps: FaultDeps = { ...parts, frozen: new Set(), struck: new Map() };
  const order = random.shuffled(
    FAULT_KINDS.flatMap((kind) => Array.from({ length: counts[kind] }, () => kind)),
  );
  const done = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as Record<
    FaultKind,
    number
  >;
  const running = new Map<FaultKind, Promise<unknown>>();
  let begun = 0;
  let lastAt = clock.now();
  const injection: Injection = {
    done,
    struck: deps.struck,
    progress: () => {
      const waited = Math.min(1, (clock.now() - lastAt) / MEAN_GAP_MS);
      return order.length === 0 ? 1 : Math.min(1, (begun + waited) / order.length);
    },
  };
  onBegin(injection);
  for (const kind of order) {
    if (clock.now() > until) break;
    await clock.sleep(random.between(0, 2 * MEAN_GAP_MS), signal);
    if (kind !== 'destination-fault') await running.get(kind);
    const fault = doFault(kind, { ...deps, random: random.fork() }, done);
    begun += 1;
    lastAt = clock.now();
    if (LONG.has(kind)) {
      running.set(kind, Promise.all([running.get(kind), fault]));
      // It is awaited before the next of its kind, or at the end.
      fault.catch(() => undefined);
      running.get(kind)?.catch(() => undefined);
    } else {
      await fault;
    }
  }
  await Promise.all(running.values());
  return injection;
}

async function doFault(
  kind: FaultKind,
  deps: FaultDeps,
  done: Record<FaultKind, number>,
): Promise<void> {
  const { stack } = deps;
  for (let tries = 0; tries < TRIES; tries += 1) {
    stack.note(`${kind}: begins`);
    const isDone = await DO_FAULT[kind](deps);
    stack.note(`${kind}: ${isDone ? 'done' : 'nothing to do it to'}`);
    if (!isDone) continue;
    done[kind] += 1;
    return;
  }
}
