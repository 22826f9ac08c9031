import type { Waker } from '../beginnings/way-back.ts';
import { type CallKind, hasEffect } from '../engine/call-faults.ts';
import type { WorldFault } from '../engine/faults.ts';
import type { Disturbance, Happening } from '../engine/planned-faults.ts';
import type { Random } from '../engine/random.ts';
import type { Scenario } from './scenario.ts';
import { drawMidwayJob } from './small.ts';

/**
 * Brief worlds: the way back of one job from a moment at which every function has died, which one thing disturbs,
 * seldom two.
 */

/** The share in which a cycle comes first; a loader does in the others. */
const CYCLE_FIRST = 0.06;
/** The share in which something happens beside a call, instead of a fault of the call. */
const BESIDE = 0.2;
/** The same where a cycle comes first: what two divisions at once disagree about. */
const BESIDE_CYCLES = 0.5;
/** The share that befalls a call which changes something, where there is one. */
const AT_EFFECT = 0.75;
/** The share that a fault between calls disturbs. */
const BETWEEN = 0.05;
const SECOND = 0.04;
const SECOND_WITHIN_CALLS = 8;

/** Users cost as much as a whole loader: the API builds whole views. */
const BESIDES: readonly Happening[] = [
  'another-loader',
  'another-loader',
  'another-loader',
  'another-loader',
  'cycle',
  'user',
  'user',
  'records',
  'retention',
  'partition',
  'topic-recreated',
  'sink-down',
  'sink-forgets-prepared',
  'sink-forgets-prepared',
  'sink-forgets-labels',
  'sink-forgets-labels',
];
const BETWEENS: readonly WorldFault[] = [
  'stream-lost',
  'stream-twice',
  'stream-twice',
  'stream-late',
  'clock-skew',
  'metadata-stale',
  'topic-missing',
  'read-cut-short',
  'read-cut-short',
  'record-unreadable',
];

/** How a brief world goes: who comes first, and what disturbs. */
export interface BriefCourse {
  readonly wakes: Waker;
  /** Where on the way it is disturbed: a share of its calls, or of those that change something. */
  readonly place: number;
  readonly atEffect: boolean;
  readonly what: Happening | undefined;
  readonly between: WorldFault | undefined;
  readonly thenAfter: number | undefined;
}

/** A brief world. */
export function drawBrief(random: Random): Scenario {
  const wakes = random.chance(CYCLE_FIRST) ? 'cycle' : 'loader';
  const drawn = random.next();
  return {
    ...drawMidwayJob(random),
    size: 'brief',
    proofs: 0.005,
    persons: 0.05,
    course: {
      wakes,
      what: drawBeside(random, wakes, drawn),
      between: drawn > 1 - BETWEEN ? random.pick(BETWEENS) : undefined,
      place: random.next(),
      atEffect: random.chance(AT_EFFECT),
      thenAfter: random.chance(SECOND) ? random.between(1, SECOND_WITHIN_CALLS) : undefined,
    },
  };
}

function drawBeside(random: Random, wakes: Waker, drawn: number): Happening | undefined {
  if (wakes === 'loader') return drawn < BESIDE ? random.pick(BESIDES) : undefined;
  return drawn < BESIDE_CYCLES ? random.pick(['cycle', 'cycle', 'cycle', 'user']) : undefined;
}

/** What that means on a way of these calls. */
export function disturbanceOf(course: BriefCourse, calls: readonly CallKind[]): Disturbance {
  const { place, atEffect, what, between, thenAfter } = course;
  if (between !== undefined) return { atCall: -1, between };
  const places = atEffect ? calls.flatMap((kind, i) => (hasEffect(kind) ? [i] : [])) : [];
  const atCall = places[Math.floor(place * places.length)] ?? Math.floor(place * calls.length);
  return { atCall, what, thenAfter };
}
