import type { JobState } from '#shared/domain/job-state.ts';
import { loadsDeadLetters } from '#shared/domain/redrive.ts';
import type { Item } from '#shared/store/tables.ts';
import { startCycle } from './actors/cycles.ts';
import { planEvents } from './actors/events.ts';
import { connectStream } from './actors/stream.ts';
import { askForProof, hasLetters, resolveDoubts, startUser } from './actors/users.ts';
import { begin, type Start } from './beginnings/begin.ts';
import { checkContents } from './checks/contents.ts';
import { checkRedriven } from './checks/dead-letters.ts';
import { leftoversOf, litterOf } from './checks/leftovers.ts';
import { whyRestless } from './checks/quiet.ts';
import type { Move } from './checks/records.ts';
import type { FaultCounts } from './engine/faults.ts';
import { quiescent } from './engine/quiescent.ts';
import type { Scenario } from './scenario/scenario.ts';
import { type Violation, World, type WorldOptions } from './world.ts';

/** What one seed came to. */
export interface ScheduleReport {
  readonly seed: number;
  readonly violation: Violation | undefined;
  readonly faults: FaultCounts;
  readonly size: Scenario['size'];
  /** What it began with. */
  readonly start: Start;
  /** Port calls that the product made. */
  readonly calls: number;
  /** Functions that were started: cycles, loaders, requests of users. */
  readonly processes: number;
  /** Moves of offsets by users, and by the policy of jobs that retention has overtaken. */
  readonly moves: Readonly<Record<Move['by'], number>>;
  /** Claims of a task that an earlier attempt had begun. */
  readonly takeovers: number;
  /** Steps that took effect when others might have gone first, rows that became visible, tasks. */
  readonly steps: number;
  readonly rows: number;
  readonly tasks: number;
  readonly states: readonly string[];
}

/** Once nothing goes wrong any more, everything must have come to rest within this virtual time. */
const SETTLES_WITHIN_MS = 3_600_000;
/** A cycle may come late; and it keeps schedules short. */
const SETTLING_CYCLE_MS = 90_000;

/** What is under way when the trouble ends comes first: most of it leaves nothing to do for a cycle. */
const DRAINS_WITHIN_MS = 1_000;

/**
 * Runs one seed from its first job to its last check. Where the run that it was to go on from has a violation itself,
 * that one is told.
 */
export async function runSchedule(options: WorldOptions): Promise<ScheduleReport> {
  const world = new World(options);
  connectStream(world);
  const start = await begin(world);
  planEvents(world);
  const progress = { steps: 0 };
  await runUntil(world, world.steps.now + world.scenario.troubleMs, progress);
  world.faults.stop();
  for (const sink of world.sinks.values()) sink.downUntil = 0;
  world.trace?.('--', 'from here on nothing goes wrong any more');
  resumePaused(world);
  await settle(world, progress);
  if (!world.violation) await resolve(world, progress);
  if (!world.violation) await redriveRest(world, progress);
  if (!world.violation) await sweepLeftovers(world, progress);
  if (!world.violation) await prove(world, progress);
  if (!world.violation) {
    for (const job of world.scenario.jobs) checkContents(world.records, job);
  }
  return report(world, { seed: options.seed, start, steps: progress.steps });
}

async function runUntil(
  world: World,
  until: number,
  progress: { steps: number },
  isDone: () => boolean = () => false,
): Promise<void> {
  while (world.violation === undefined && !isDone()) {
    const step = world.steps.next(until);
    if (step === undefined) return;
    progress.steps += 1;
    step.run();
    await quiescent();
  }
}

/** A user who comes back and resumes what is paused: pausing must have lost nothing either. */
function resumePaused(world: World): void {
  for (const { id } of world.scenario.jobs) {
    const job = world.records.jobs.get(id);
    if (job?.state !== 'PAUSED' || world.random.chance(0.5)) continue;
    const isOther = (job.reason as Item).code === 'TOPIC_RECREATED';
    startUser(world, id, isOther ? 'pause-seek-resume' : 'resume');
  }
}

/** Runs cycles until all is at rest. */
async function settle(world: World, progress: { steps: number }): Promise<void> {
  const until = world.steps.now + SETTLES_WITHIN_MS;
  let done = false;
  const tick = () => {
    const isAtRest = whyRestless(world) === undefined;
    done = isAtRest && !world.isBusy();
    if (done) return;
    // Where only a zombie is left a cycle finds nothing: what the zombie does is looked at next time.
    if (!isAtRest) startCycle(world);
    world.steps.add({ at: world.steps.now + SETTLING_CYCLE_MS, process: undefined, run: tick });
  };
  world.steps.add({ at: world.steps.now + DRAINS_WITHIN_MS, process: undefined, run: tick });
  await runUntil(world, until, progress, () => done);
  if (!done && world.violation === undefined) {
    world.violated('nothing-is-stuck', whyRestless(world) ?? 'a process never ends');
  }
}

/** Every other time a person settles what is in doubt: then no exception is made for it any more. */
async function resolve(world: World, progress: { steps: number }): Promise<void> {
  const doubtful = [...world.records.tasks.values()].some(({ status }) => status === 'IN_DOUBT');
  if (!doubtful || world.random.chance(0.5)) return;
  for (const { id } of world.scenario.jobs) resolveDoubts(world, id);
  await settle(world, progress);
}

/** Now and then a user has the dead letters loaded again that wait: what nothing disturbs leaves only bad rows. */
async function redriveRest(world: World, progress: { steps: number }): Promise<void> {
  const waiting = world.scenario.jobs.filter(({ id }) => {
    const state = world.records.jobs.get(id)?.state as JobState;
    return loadsDeadLetters({ state }) && hasLetters(world, id);
  });
  if (waiting.length === 0 || world.random.chance(0.5)) return;
  for (const { id } of waiting) startUser(world, id, 'redrive');
  await settle(world, progress);
  for (const job of waiting) if (!world.violation) checkRedriven(world.records, job);
}

/** One time in some the product is asked for its own proof. */
async function prove(world: World, progress: { steps: number }): Promise<void> {
  if (!world.random.chance(world.scenario.proofs)) return;
  for (const { id } of world.scenario.jobs) askForProof(world, id);
  await quiescent();
  await runUntil(world, world.steps.now, progress);
}

/** What dead attempts left prepared must be gone once another loader has come by: so make one come by. */
async function sweepLeftovers(world: World, progress: { steps: number }): Promise<void> {
  for (const job of world.scenario.jobs) {
    const litter = litterOf(world.records, job);
    if (litter.length > 0) world.violated('final-jobs-leave-nothing', litter.join(', '));
  }
  const running = world.scenario.jobs.filter(
    ({ id }) => world.records.jobs.get(id)?.state === 'RUNNING',
  );
  const littered = running.filter((job) => leftoversOf(world.records, job).length > 0);
  if (littered.length === 0) return;
  world.trace?.('--', 'a record for every partition, so that a loader comes by');
  for (const { topic } of littered) {
    for (const partition of topic.logs.keys()) topic.produce(partition, 1);
  }
  await settle(world, progress);
  for (const job of littered) {
    if (world.violation || world.records.jobs.get(job.id)?.state !== 'RUNNING') continue;
    const left = leftoversOf(world.records, job);
    if (left.length > 0) world.violated('leftovers-are-swept', left.join(', '));
  }
}

function report(
  world: World,
  run: { readonly seed: number; readonly start: Start; readonly steps: number },
): ScheduleReport {
  let rows = 0;
  for (const sink of world.sinks.values()) rows += sink.visible.size;
  return {
    ...run,
    size: world.scenario.size,
    calls: world.calls.made,
    processes: world.processesStarted,
    takeovers: world.records.takeovers,
    moves: { seek: movesBy(world, 'seek'), policy: movesBy(world, 'policy') },
    violation: world.violation,
    faults: world.faults.counts,
    rows,
    tasks: world.records.tasks.size,
    states: [...world.records.jobs.values()].map((job) => String(job.state)),
  };
}

function movesBy({ records }: World, by: Move['by']): number {
  return records.moves.filter((move) => move.by === by).length;
}
