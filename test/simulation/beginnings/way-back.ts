import { startCycle } from '../actors/cycles.ts';
import { connectStream } from '../actors/stream.ts';
import { whyRestless } from '../checks/quiet.ts';
import type { CallKind } from '../engine/call-faults.ts';
import { shapeOfChapter, shapeOnly } from '../scenario/small.ts';
import { type Violation, World } from '../world.ts';
import { type Beginning, takeBeginning } from './beginning.ts';
import { CHAPTERS, chapterOf, type Midway } from './midway.ts';
import type { Moment } from './moment.ts';
import { runUndisturbed } from './undisturbed.ts';

/**
 * Ways back from moments at which every function has died, as they are gone when nothing disturbs them: what a brief
 * world disturbs once.
 */

/** Who comes first after the silence: a loader, since the stream delivers a task that waits; or a cycle. */
export type Waker = 'loader' | 'cycle';

/** A beginning from which a function, or a few, bring to rest what can be brought to rest without waiting. */
export interface WayBack {
  readonly moment: Moment;
  readonly wakes: Waker;
  readonly beginning: Beginning;
  /** The port calls of the way, where nothing disturbs it. */
  readonly calls: readonly CallKind[];
  /** Whether that brings all to rest; else a cycle must follow. */
  readonly isWhole: boolean;
  /** What went wrong although nothing disturbed it. */
  readonly violation?: Violation | undefined;
}

/** How long nobody has looked after the installation, in ms: longer than a lease, and than any back-off. */
const SILENCE_MS = 370_000;
const DRAINS_WITHIN_MS = 600_000;

const known: Record<Waker, WeakMap<Midway, Promise<WayBack>>> = {
  loader: new WeakMap(),
  cycle: new WeakMap(),
};

/** The way back from a moment of a world of this shape: gone once, when it is first asked for. */
export function wayBackFrom(midway: Midway, shape: number, wakes: Waker): Promise<WayBack> {
  let way = known[wakes].get(midway);
  if (way === undefined) {
    way = goBack(midway, shape, wakes);
    known[wakes].set(midway, way);
  }
  return way;
}

/** Goes all ways back on which a loader comes first. @returns how many there are */
export async function makeWaysBack(): Promise<number> {
  let ways = 0;
  for (let chapter = 0; chapter < CHAPTERS; chapter += 1) {
    const kinds = await chapterOf(chapter);
    const midways = 'rule' in kinds ? [] : kinds.flat();
    const shape = shapeOfChapter(chapter);
    const made = midways.map((midway) => wayBackFrom(midway, shape, 'loader'));
    ways += (await Promise.all(made)).length;
  }
  return ways;
}

/** Where no task waits, a loader comes first when an undisturbed cycle has offered what was left. */
async function goBack(midway: Midway, shape: number, wakes: Waker): Promise<WayBack> {
  const { moment } = midway;
  const beginning = { ...midway.beginning, now: midway.beginning.now + SILENCE_MS };
  const isWaiting = [...beginning.records.tasks.values()].some((task) => task.status === 'PENDING');
  const from =
    wakes === 'cycle' || isWaiting ? beginning : await lookedAfter(shape, { ...midway, beginning });
  const world = worldOf(shape);
  connectStream(world);
  const calls = world.calls.remember();
  world.goOnFrom(from);
  if (wakes === 'cycle') startCycle(world);
  await runUndisturbed(world, world.steps.now + DRAINS_WITHIN_MS);
  const isWhole = whyRestless(world) === undefined;
  return { moment, wakes, beginning: from, calls, isWhole, violation: world.violation };
}

/** The moment as an undisturbed cycle leaves it, of which no loader has heard yet. */
async function lookedAfter(shape: number, { beginning }: Midway): Promise<Beginning> {
  const world = worldOf(shape);
  world.goOnFrom(beginning);
  startCycle(world);
  await runUndisturbed(world, world.steps.now);
  return takeBeginning(world);
}

function worldOf(shape: number): World {
  const world = new World({ seed: shape, scenario: shapeOnly(shape), sink: 'model' });
  world.faults.stop();
  return world;
}
