import { SinkModel } from '../doubles/sink-model.ts';
import type { Violation, World } from '../world.ts';
import { beginBrief } from './begin-brief.ts';
import { dividedOf } from './divided.ts';
import { midwayOf, retellChapter } from './midway.ts';
import type { Moment } from './moment.ts';

/** What a schedule began with: no division, an undisturbed one, or a moment in the midst of a run. */
export type Start = 'nothing' | 'divided' | Moment;

/** How long nobody looked after the installation before the world goes on, in ms: longer than a lease. */
const SILENCE_MS = 70_000;
/** And so many minutes more at most: what cycles do in turn should not fall on the same moments in all worlds. */
const MINUTES_MORE = 7;

/** Brings a world to where its scenario begins. */
export async function begin(world: World): Promise<Start> {
  const { goesOnFrom, size } = world.scenario;
  if (size === 'brief') return beginBrief(world);
  if (goesOnFrom === undefined) {
    await world.createJobs();
    return 'nothing';
  }
  const { shape, chapter } = goesOnFrom;
  const isModel = [...world.sinks.values()].every((sink) => sink instanceof SinkModel);
  const midway =
    chapter === undefined || !isModel ? undefined : await midwayOf(chapter, world.random);
  if (midway && 'rule' in midway) {
    await tellChapter(world, midway);
    return 'divided';
  }
  if (midway === undefined) {
    world.goOnFrom(await dividedOf(shape));
    return 'divided';
  }
  world.goOnFrom(midway.beginning);
  world.trace?.('--', `goes on in the midst of a run: ${midway.moment}`);
  if (world.random.chance(0.75)) {
    world.steps.now += SILENCE_MS + 60_000 * world.random.between(0, MINUTES_MORE);
  }
  return midway.moment;
}

/** What went wrong in the run itself that a world was to go on from. */
export async function tellChapter(world: World, { rule, detail }: Violation): Promise<void> {
  const { trace, scenario } = world;
  const chapter = scenario.goesOnFrom?.chapter;
  if (trace && chapter !== undefined) await retellChapter(chapter, (line) => trace('--', line));
  world.violated(rule, `in chapter ${chapter} already: ${detail}`);
}
