import { startCycle } from '../actors/cycles.ts';
import { happen } from '../actors/happenings.ts';
import type { CallKind } from '../engine/call-faults.ts';
import type { Disturbance } from '../engine/planned-faults.ts';
import { quiescent } from '../engine/quiescent.ts';
import { disturbanceOf } from '../scenario/brief.ts';
import type { World } from '../world.ts';
import { type Start, tellChapter } from './begin.ts';
import { dividedOf } from './divided.ts';
import { midwayOf } from './midway.ts';
import { type WayBack, wayBackFrom } from './way-back.ts';

/** How many ways are drawn at most until one is short enough, and how many calls that are. */
const DRAWS = 4;
const SHORT_CALLS = 18;
/** The calls of a cycle that must follow. */
const CYCLE_CALLS = 10;
/** The calls of a loader whose task nobody has claimed before, as far as it matters. */
const FIRST_TASK: readonly CallKind[] = Array<CallKind>(14).fill('write');

/** Brings a brief world to where its way back begins, and plans what disturbs it. */
export async function beginBrief(world: World): Promise<Start> {
  const { exactly } = world;
  if (exactly) return goBack(world, exactly.way, exactly.disturbance);
  const { goesOnFrom: { shape, chapter = 0 } = { shape: 0 }, course } = world.scenario;
  if (course === undefined) throw new RangeError('a brief world must have a course, got none');
  let way: WayBack | undefined;
  for (let draws = 0; draws < DRAWS; draws += 1) {
    const midway = await midwayOf(chapter, world.random);
    if (midway === undefined) break;
    if ('rule' in midway) {
      await tellChapter(world, midway);
      return 'divided';
    }
    way = await wayBackFrom(midway, shape, course.wakes);
    if (way.calls.length === 0) way = await wayBackFrom(midway, shape, 'cycle');
    if (way.calls.length + (way.isWhole ? 0 : CYCLE_CALLS) <= SHORT_CALLS) break;
  }
  if (way) return goBack(world, way, disturbanceOf(course, way.calls));
  disturb(world, disturbanceOf(course, FIRST_TASK));
  world.goOnFrom(await dividedOf(shape));
  return 'divided';
}

async function goBack(world: World, way: WayBack, disturbance: Disturbance): Promise<Start> {
  const { moment, wakes, beginning, violation } = way;
  if (violation) world.violated(violation.rule, `undisturbed already: ${violation.detail}`);
  world.trace?.('--', `goes back from the midst of a run: ${moment}, a ${wakes} comes first`);
  disturb(world, disturbance);
  world.goOnFrom(beginning);
  if (wakes === 'cycle') {
    startCycle(world);
    // It gets to its first call before virtual time moves.
    await quiescent();
  }
  return moment;
}

function disturb(world: World, disturbance: Disturbance): void {
  world.planned?.plan(disturbance, (happening) => {
    world.trace?.('--', `happens: ${happening}`);
    happen(world, happening);
  });
}
