import { quiescent } from '../engine/quiescent.ts';
import type { Sabotage, Violation } from '../world.ts';
import { type Bound, choicesOf } from './choices.ts';
import { SmallWorld } from './small-world.ts';

/** What an exploration came to. */
export interface Exploration {
  readonly states: number;
  readonly schedules: number;
  /** Schedules that ran to their end, instead of into a state that was known. */
  readonly ends: number;
  /** Whether every schedule within the bound was covered, rather than the time having run out. */
  readonly complete: boolean;
  readonly violation?: (Violation & { readonly schedule: readonly string[] }) | undefined;
}

/** Worlds that are explored side by side, since they share what costs time. */
const SIDE_BY_SIDE = 32;

interface Search {
  readonly bound: Bound;
  readonly sabotage: () => Sabotage;
  readonly seen: Set<string>;
  /** Schedules to be looked at, as the places of the choices to take. */
  readonly open: (readonly number[])[];
}

/**
 * Visits every state that the task protocol can reach within a bound, depth first.
 *
 * The code under test cannot be copied half way, so a state is reached by running its schedule again from the
 * beginning; a state seen before (same stores, same sink, same answers to each loader, same budget) is not
 * gone on from.
 *
 * @param options `mayGoOn` is asked before each schedule; `false` ends the exploration early
 */
export async function explore(
  bound: Bound,
  options: { readonly sabotage?: () => Sabotage; readonly mayGoOn?: () => boolean } = {},
): Promise<Exploration> {
  const { mayGoOn = () => true, sabotage = () => ({}) } = options;
  const search: Search = { bound, sabotage, seen: new Set(), open: [[]] };
  const count = { schedules: 0, ends: 0, busy: 0 };
  let failed: Walk | undefined;
  let complete = true;

  const worker = async () => {
    while (failed === undefined && complete) {
      const schedule = search.open.pop();
      if (schedule === undefined && count.busy === 0) return;
      if (schedule === undefined) {
        await quiescent();
        continue;
      }
      complete &&= mayGoOn();
      count.schedules += 1;
      count.busy += 1;
      const walk = await walkFrom(search, schedule);
      count.busy -= 1;
      if (walk.ended) count.ends += 1;
      if (walk.violation) failed ??= walk;
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
  const { schedules, ends } = count;
  const found = { states: search.seen.size, schedules, ends, complete: complete && !failed };
  if (!failed?.violation) return found;
  return {
    ...found,
    violation: { ...failed.violation, schedule: await tell(search, failed.taken) },
  };
}

interface Walk {
  readonly taken: readonly number[];
  readonly ended: boolean;
  readonly violation: Violation | undefined;
}

/** Follows a schedule, then the first of all choices until a known state or the end; leaves the others for later. */
async function walkFrom(search: Search, schedule: readonly number[]): Promise<Walk> {
  const world = new SmallWorld(search.sabotage());
  const left = { ...search.bound };
  const taken: number[] = [];
  await world.begin();
  while (!world.violation) {
    const choices = choicesOf(world, left);
    if (taken.length >= schedule.length) {
      const key = world.key(JSON.stringify([left, world.invocations]));
      if (search.seen.has(key)) return { taken, ended: false, violation: undefined };
      search.seen.add(key);
      for (let i = choices.length - 1; i > 0; i -= 1) search.open.push([...taken, i]);
    }
    const place = schedule[taken.length] ?? 0;
    const choice = choices[place];
    if (choice === undefined) break;
    taken.push(place);
    if (choice.spends) left[choice.spends] -= 1;
    await choice.take();
    await quiescent();
  }
  await world.finish();
  return { taken, ended: true, violation: world.violation };
}

/** The same schedule once more, in words. */
async function tell(search: Search, schedule: readonly number[]): Promise<string[]> {
  const world = new SmallWorld(search.sabotage());
  const left = { ...search.bound };
  const names: string[] = [];
  await world.begin();
  for (const place of schedule) {
    const choice = choicesOf(world, left)[place];
    if (choice === undefined) break;
    names.push(choice.name());
    if (choice.spends) left[choice.spends] -= 1;
    await choice.take();
    await quiescent();
  }
  return names;
}
