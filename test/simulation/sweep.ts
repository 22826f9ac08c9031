import { chapterOf } from './beginnings/midway.ts';
import { type WayBack, wayBackFrom } from './beginnings/way-back.ts';
import { APPLICABLE, CALL_FAULTS, type CallFault } from './engine/call-faults.ts';
import { runEach } from './many.ts';
import type { ScheduleReport } from './run-schedule.ts';
import { shapeOfChapter, shapeOnly } from './scenario/small.ts';
import type { WorldOptions } from './world.ts';

/**
 * Brief worlds that are counted off instead of drawn: from each moment, a loader's way back with each single fault
 * that applies at each of its calls.
 */

/** The share in which a person does something at the end. */
const PERSONS = 0.05;

/** One schedule of a sweep: a moment by its chapter and its place there, a call of the way back, and what befalls it. */
export interface Swept {
  readonly chapter: number;
  readonly place: number;
  readonly call: number;
  readonly fault: CallFault;
  /** Its place among those of the moment, from which follows what else is drawn. */
  readonly seed: number;
}

/** What a sweep came to: plain data, which another thread can send. */
export interface SweepCounts {
  moments: number;
  calls: number;
  schedules: number;
  readonly byFault: Record<CallFault, number>;
  readonly violated: (Swept & { readonly rule: string; readonly detail: string })[];
}

/** None yet. */
export function noSweep(): SweepCounts {
  const byFault = Object.fromEntries(CALL_FAULTS.map((fault) => [fault, 0]));
  return {
    moments: 0,
    calls: 0,
    schedules: 0,
    byFault: byFault as SweepCounts['byFault'],
    violated: [],
  };
}

/** Every single fault at every call of the way back from every moment of a chapter. */
export async function sweepChapter(chapter: number): Promise<SweepCounts> {
  const counts = noSweep();
  const kinds = await chapterOf(chapter);
  if ('rule' in kinds)
    throw new Error(`chapter ${chapter} violates ${kinds.rule}: ${kinds.detail}`);
  for (const [place, midway] of kinds.flat().entries()) {
    const way = await wayBackFrom(midway, shapeOfChapter(chapter), 'loader');
    counts.moments += 1;
    counts.calls += way.calls.length;
    const all = [...sweptFrom(way, { chapter, place })];
    const worlds = all.map((swept) => worldOf(way, swept));
    await runEach(worlds.values(), (report) => {
      note(counts, all[report.seed] as Swept, report);
      return true;
    });
  }
  return counts;
}

/** The world of one schedule of a sweep, to run it again. */
export async function sweptWorld(swept: Swept): Promise<WorldOptions> {
  const { chapter, place } = swept;
  const kinds = await chapterOf(chapter);
  const midway = 'rule' in kinds ? undefined : kinds.flat()[place];
  if (midway === undefined) throw new RangeError(`chapter ${chapter} has no moment ${place}`);
  const way = await wayBackFrom(midway, shapeOfChapter(chapter), 'loader');
  return worldOf(way, swept);
}

function* sweptFrom(
  way: WayBack,
  { chapter, place }: Pick<Swept, 'chapter' | 'place'>,
): Generator<Swept, void> {
  let seed = 0;
  for (const [call, kind] of way.calls.entries()) {
    for (const fault of APPLICABLE[kind]) {
      yield { chapter, place, call, fault, seed };
      seed += 1;
    }
  }
}

function worldOf(way: WayBack, { chapter, call, fault, seed }: Swept): WorldOptions {
  const shape = shapeOnly(shapeOfChapter(chapter));
  const scenario = { ...shape, size: 'brief' as const, proofs: 0, persons: PERSONS };
  return { seed, scenario, exactly: { way, disturbance: { atCall: call, what: fault } } };
}

function note(counts: SweepCounts, swept: Swept, { faults, violation }: ScheduleReport): void {
  counts.schedules += 1;
  counts.byFault[swept.fault] += faults[swept.fault];
  if (violation) counts.violated.push({ ...swept, ...violation });
}

/** Adds what others have counted. */
export function addSweep(sum: SweepCounts, more: SweepCounts): void {
  sum.moments += more.moments;
  sum.calls += more.calls;
  sum.schedules += more.schedules;
  for (const fault of CALL_FAULTS) sum.byFault[fault] += more.byFault[fault];
  sum.violated.push(...more.violated);
}
