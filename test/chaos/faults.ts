import type { Clock } from '#shared/clock.ts';
import type { FunctionProcess } from '../../infra/local/function-pool.ts';
import type { ApiClient } from './api-client.ts';
import type { FaultKind } from './command-line.ts';
import type { Random } from './random.ts';
import { type ChaosStack, LEASE_MS, TAKEN_OVER_MS } from './stack.ts';

/** What faults are done with. */
export interface FaultDeps {
  readonly stack: ChaosStack;
  readonly client: ApiClient;
  readonly jobs: readonly string[];
  /** Of a batch, as the jobs began. */
  readonly rows: number;
  /** Processes that are stopped now; they have something to do all the time, but are not at work. */
  readonly frozen: Set<number>;
  /** Faults of destinations that came to pass, by their words. */
  readonly struck: Map<string, number>;
  readonly random: Random;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Does one fault.
 *
 * @returns whether it was done; `false` when there was nothing to do it to
 */
export type Fault = (deps: FaultDeps) => Promise<boolean>;

/** How long to wait for a process that does something, since to kill an idle one proves nothing: a broker's restart. */
const BUSY_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 2;

/** All faults by kind. */
export const DO_FAULT: Readonly<Record<FaultKind, Fault>> = {
  'kill-loader': (deps) => killBusy(deps, 'loader'),
  'kill-scheduler': (deps) => killBusy(deps, 'scheduler'),
  'kill-api': async ({ stack }) =>
    signalProcess(stack.installation.functions.api.processes()[0], 'SIGKILL'),
  'stop-loader': stopLoader,
  'restart-broker': async ({ stack }) => {
    await stack.broker.restart();
    return true;
  },
  'restart-store': async ({ stack }) => {
    await stack.store.restart();
    return true;
  },
  'change-job': changeJob,
  'destination-fault': strikeDestination,
  'restart-destination': restartDestination,
};

/** Somewhere within what it is doing: a moment at random after it was seen busy. */
async function killBusy(deps: FaultDeps, name: 'loader' | 'scheduler'): Promise<boolean> {
  const victim = await busyProcess(deps, name);
  await deps.clock.sleep(deps.random.between(0, name === 'loader' ? 60 : 5), deps.signal);
  return signalProcess(victim, 'SIGKILL');
}

/** A zombie: it wakes up when its tasks are with others, and goes on where it was. */
async function stopLoader(deps: FaultDeps): Promise<boolean> {
  const { frozen, clock, random, signal } = deps;
  const victim = await busyProcess(deps, 'loader');
  if (victim === undefined || !signalProcess(victim, 'SIGSTOP')) return false;
  frozen.add(victim.pid);
  try {
    await clock.sleep(TAKEN_OVER_MS + random.between(0, LEASE_MS), signal);
  } finally {
    frozen.delete(victim.pid);
    signalProcess(victim, 'SIGCONT');
  }
  return true;
}

/** What a user may do at any time. An alteration needs a quiet job, so it may be refused a few times first. */
async function changeJob(deps: FaultDeps): Promise<boolean> {
  const { client, jobs, rows, random, clock, signal } = deps;
  const job = random.pick(jobs);
  if (job === undefined) return false;
  await client.change(job, 'pause');
  if (random.next() < 0.6) {
    const wish = {
      desiredConcurrency: random.between(1, 4),
      batch: { maxRows: random.between(Math.ceil(rows / 2), rows * 2) },
    };
    const deadline = clock.now() + TAKEN_OVER_MS;
    while ((await client.change(job, wish)) === 'TASKS_IN_FLIGHT' && clock.now() < deadline) {
      await clock.sleep(LEASE_MS / 10, signal);
    }
  } else {
    await clock.sleep(random.between(0, LEASE_MS / 2), signal);
  }
  await client.change(job, 'resume');
  return true;
}

/** The rarest so far: by chance alone some would hardly ever come. */
async function strikeDestination(deps: FaultDeps): Promise<boolean> {
  const { stack, client, jobs, struck, random } = deps;
  const [rarest] = random
    .shuffled(stack.destinations.flatMap(({ faults }) => faults))
    .sort((a, b) => (struck.get(a.words) ?? 0) - (struck.get(b.words) ?? 0));
  if (rarest === undefined) return false;
  // Before it is known: what waits for its turn is not to be chosen again and again.
  struck.set(rarest.words, (struck.get(rarest.words) ?? 0) + 1);
  const isDone = await rarest.strike({ ...deps, finishedTasks: () => finished(client, jobs) });
  if (!isDone) struck.set(rarest.words, (struck.get(rarest.words) ?? 1) - 1);
  stack.note(`${rarest.words}: ${isDone ? 'came to pass' : 'nobody asked'}`);
  return isDone;
}

async function* finished(client: ApiClient, jobs: readonly string[]): AsyncGenerator<string> {
  for (const job of jobs) {
    for await (const { id, status } of client.tasks(job)) if (status === 'DONE') yield id;
  }
}

async function restartDestination({ stack, random }: FaultDeps): Promise<boolean> {
  const restarts = stack.destinations.flatMap(({ restart }) => restart ?? []);
  const restart = random.pick(restarts);
  await restart?.();
  return restart !== undefined;
}

/** The process with the most to do, as soon as one has something; `undefined` when none has for long. */
async function busyProcess(
  { stack, frozen, clock, signal }: FaultDeps,
  name: 'loader' | 'scheduler',
): Promise<FunctionProcess | undefined> {
  const deadline = clock.now() + BUSY_WITHIN_MS;
  for (;;) {
    const processes = stack.installation.functions[name].processes();
    const [busiest] = processes
      .filter(({ pid, load }) => load > 0 && !frozen.has(pid))
      .sort((a, b) => b.load - a.load);
    if (busiest) return busiest;
    if (clock.now() > deadline) return undefined;
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
}

/** @returns false when it has ended meanwhile */
function signalProcess(target: FunctionProcess | undefined, name: NodeJS.Signals): boolean {
  if (target === undefined) return false;
  try {
    return process.kill(target.pid, name);
  } catch {
    return false;
  }
}
