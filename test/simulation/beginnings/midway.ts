import { planEvents } from '../actors/events.ts';
import { connectStream } from '../actors/stream.ts';
import { quiescent } from '../engine/quiescent.ts';
import { Random } from '../engine/random.ts';
import { drawPrefix } from '../scenario/small.ts';
import { type Violation, World } from '../world.ts';
import { type Beginning, takeBeginning } from './beginning.ts';
import { dividedOf } from './divided.ts';
import { type Moment, momentOf } from './moment.ts';

/**
 * Beginnings in the middle of a run. Each chapter is a run of the product's own code under a seed of its own, with
 * trouble, in which every port call is a step; of the moments between its steps some of each kind are kept.
 */

/** How many chapters there are. */
export const CHAPTERS = 512;
/** Far from any seed, since neighbours share nothing anyway. */
const CHAPTERS_FROM = 0x0c4a9000;
const KEPT_OF_A_KIND = 2;

/** What a world goes on from, and which moment that was. */
export interface Midway {
  readonly moment: Moment;
  readonly beginning: Beginning;
}

/** Moments by kind; or what went wrong in the run itself. */
export type Chapter = readonly (readonly Midway[])[] | Violation;

const known = new Map<number, Promise<Chapter>>();

/**
 * A moment of a chapter: every kind that the chapter has is as likely.
 *
 * @returns nothing where the chapter has none, since its job ended at once; the violation where its own run has one
 */
export async function midwayOf(
  chapter: number,
  random: Random,
): Promise<Midway | Violation | undefined> {
  const kinds = await chapterOf(chapter);
  if ('rule' in kinds) return kinds;
  return kinds.length === 0 ? undefined : random.pick(random.pick(kinds));
}

/** Makes all chapters, and says how many moments they hold. */
export async function makeChapters(): Promise<number> {
  const all = await Promise.all(
    Array.from({ length: CHAPTERS }, (_, chapter) => chapterOf(chapter)),
  );
  return all.flatMap((kinds) => ('rule' in kinds ? [] : kinds.flat())).length;
}

export function chapterOf(chapter: number): Promise<Chapter> {
  let made = known.get(chapter);
  if (made === undefined) {
    made = makeChapter(chapter);
    known.set(chapter, made);
  }
  return made;
}

/** Runs a chapter once more, so that it can be read what went wrong in it. */
export async function retellChapter(chapter: number, trace: (line: string) => void): Promise<void> {
  await makeChapter(chapter, trace);
}

async function makeChapter(chapter: number, trace?: (line: string) => void): Promise<Chapter> {
  const seed = CHAPTERS_FROM + chapter;
  const world = new World({ seed, scenario: drawPrefix(chapter, seed), sink: 'model', trace });
  const { goesOnFrom } = world.scenario;
  connectStream(world);
  if (goesOnFrom === undefined) await world.createJobs();
  else world.goOnFrom(await dividedOf(goesOnFrom.shape));
  planEvents(world);
  const album = new Album(new Random(seed));
  const end = world.steps.now + world.scenario.troubleMs;
  for (let step = world.steps.next(end); step && !world.violation; step = world.steps.next(end)) {
    step.run();
    await quiescent();
    album.look(world);
  }
  return world.violation ?? album.chapter();
}

/** Keeps some moments of each kind, any of them as likely. */
class Album {
  readonly #random: Random;
  readonly #kinds = new Map<Moment, { seen: number; readonly kept: Midway[] }>();
  #last = '';

  constructor(random: Random) {
    this.#random = random;
  }

  look(world: World): void {
    const state = stateOf(world);
    const moment = state === this.#last ? undefined : momentOf(world);
    this.#last = state;
    if (moment === undefined) return;
    const kind = this.#kinds.get(moment) ?? { seen: 0, kept: [] };
    this.#kinds.set(moment, kind);
    kind.seen += 1;
    const place = kind.seen <= KEPT_OF_A_KIND ? kind.seen - 1 : this.#random.below(kind.seen);
    if (place < KEPT_OF_A_KIND) kind.kept[place] = { moment, beginning: takeBeginning(world) };
  }

  chapter(): readonly (readonly Midway[])[] {
    return [...this.#kinds.values()].map(({ kept }) => kept);
  }
}

/** Two moments between which nothing has changed are one. */
function stateOf({ records, sinks }: World): string {
  return [records.changes, ...[...sinks.values()].map((sink) => [...sink.prepared.keys()])].join(
    ' ',
  );
}
