import type { JobState } from '#shared/domain/job-state.ts';
import { loadsDeadLetters } from '#shared/domain/redrive.ts';
import type { Item } from '#shared/store/tables.ts';
import { startCycle } from './actors/cycles.ts';
import { startLoader } from './actors/loaders.ts';
import { askForProof, hasLetters, resolveDoubts, startUser } from './actors/users.ts';
import { checkRedriven } from './checks/dead-letters.ts';
import { leftoversOf, litterOf } from './checks/leftovers.ts';
import { whyRestless } from './checks/quiet.ts';
import { quiescent } from './engine/quiescent.ts';
import { type JobDraft, SETTINGS } from './scenario/scenario.ts';
import type { World } from './world.ts';

/** How a world comes to rest once nothing goes wrong any more, and what persons do then. */

/** Once nothing goes wrong any more, everything must have come to rest within this virtual time. */
const SETTLES_WITHIN_MS = 3_600_000;
/** A cycle may come late; and it keeps schedules short. */
const SETTLING_CYCLE_MS = 90_000;

/** What is under way when the trouble ends comes first: most of it leaves nothing to do for a cycle. */
const DRAINS_WITHIN_MS = 1_000;

/** After so many looks only a cycle helps. */
const LATE_DELIVERIES = 3;

/** Steps that took effect so far. */
export interface Progress {
  steps: number;
}

/** Runs a world up to a virtual time, or until something is violated. */
export async function runUntil(
  world: World,
  until: number,
  progress: Progress,
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

/** A user who comes back and resumes what is paused: pausing must have lost nothing either. @returns whether one did */
export function resumePaused(world: World): boolean {
  let came = false;
  for (const { id } of world.scenario.jobs) {
    const job = world.records.jobs.get(id);
    if (job?.state !== 'PAUSED' || world.random.chance(1 - world.scenario.persons)) continue;
    const isOther = (job.reason as Item).code === 'TOPIC_RECREATED';
    startUser(world, id, isOther ? 'pause-seek-resume' : 'resume');
    came = true;
  }
  return came;
}

/** Runs cycles until all is at rest. */
export async function settle(world: World, progress: Progress): Promise<void> {
  const until = world.steps.now + SETTLES_WITHIN_MS;
  let done = false;
  let ticks = 0;
  const tick = () => {
    const isAtRest = whyRestless(world) === undefined;
    done = isAtRest && !world.isBusy();
    if (done) return;
    // Where only a zombie is left a cycle finds nothing: what the zombie does is looked at next time.
    if (!isAtRest) lookAfter(world, ticks);
    ticks += 1;
    world.steps.add({ at: world.steps.now + SETTLING_CYCLE_MS, process: undefined, run: tick });
  };
  world.steps.add({ at: world.steps.now + DRAINS_WITHIN_MS, process: undefined, run: tick });
  await runUntil(world, until, progress, () => done);
  if (!done && world.violation === undefined) {
    world.violated('nothing-is-stuck', whyRestless(world) ?? 'a process never ends');
  }
}

/**
 * Looks after what is left. In a brief world no cycle is spent on a task whose lease still runs, since what it finds is
 * known; and what waits is delivered late by the stream, before a cycle offers it again.
 */
function lookAfter(world: World, ticks: number): void {
  if (world.scenario.size !== 'brief') {
    startCycle(world);
    return;
  }
  const { now } = world.steps;
  const tasks = [...world.records.tasks.values()];
  if (tasks.some((task) => task.status === 'RUNNING' && Number(task.leaseUntil) > now)) return;
  const waiting = tasks.filter(
    (task) => task.status === 'PENDING' && Number(task.notBefore ?? 0) <= now,
  );
  if (waiting.length === 0 || ticks > LATE_DELIVERIES) startCycle(world);
  else
    for (const { pk, sk } of waiting) startLoader(world, { jobId: String(pk), taskId: String(sk) });
}

/** Every other time, or seldom in brief worlds, a person settles what is in doubt: then no exception is made for it any more. */
export async function resolve(world: World, progress: Progress): Promise<void> {
  const doubtful = [...world.records.tasks.values()].some(({ status }) => status === 'IN_DOUBT');
  if (!doubtful || world.random.chance(1 - world.scenario.persons)) return;
  for (const { id } of world.scenario.jobs) resolveDoubts(world, id);
  await settle(world, progress);
}

/** Now and then a user has the dead letters loaded again that wait: what nothing disturbs leaves only bad rows. */
export async function redriveRest(world: World, progress: Progress): Promise<void> {
  const waiting = world.scenario.jobs.filter(({ id }) => {
    const state = world.records.jobs.get(id)?.state as JobState;
    return loadsDeadLetters({ state }) && hasLetters(world, id);
  });
  if (waiting.length === 0 || world.random.chance(1 - world.scenario.persons)) return;
  for (const { id } of waiting) startUser(world, id, 'redrive');
  await settle(world, progress);
  for (const job of waiting) if (!world.violation) checkRedriven(world.records, job);
}

/** One time in some the product is asked for its own proof. */
export async function prove(world: World, progress: Progress): Promise<void> {
  if (!world.random.chance(world.scenario.proofs)) return;
  for (const { id } of world.scenario.jobs) askForProof(world, id);
  await quiescent();
  await runUntil(world, world.steps.now, progress);
}

/** Where clocks disagree, a warehouse's leftovers may be looked for before they are there. */
function mayBeSwept({ records, sinks }: World, job: Pick<JobDraft, 'id'>): boolean {
  if (leftoversOf(records, job).length === 0) return false;
  return !sinks.get(job.id)?.hidesLeftovers || records.truth.clocksAgree();
}

/** Until no function that has begun so far can be alive any more, where that is waited for. */
async function outliveLoaders(world: World, progress: Progress): Promise<void> {
  if (![...world.sinks.values()].some(({ hidesLeftovers }) => hidesLeftovers)) return;
  const until = world.steps.now + SETTINGS.loaderLifeMs;
  await runUntil(world, until, progress);
  world.steps.now = until;
}

/** What dead attempts left prepared must be gone once another loader has come by: so make one come by. */
export async function sweepLeftovers(world: World, progress: Progress): Promise<void> {
  for (const job of world.scenario.jobs) {
    const litter = litterOf(world.records, job);
    if (litter.length > 0) world.violated('final-jobs-leave-nothing', litter.join(', '));
  }
  const running = world.scenario.jobs.filter(
    ({ id }) => world.records.jobs.get(id)?.state === 'RUNNING',
  );
  const littered = running.filter((job) => mayBeSwept(world, job));
  if (littered.length === 0) return;
  await outliveLoaders(world, progress);
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
