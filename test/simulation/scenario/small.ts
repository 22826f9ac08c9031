import type { JobSpec } from '#shared/domain/job-spec.ts';
import { Topic } from '../doubles/topic.ts';
import { Random } from '../engine/random.ts';
import { drawContents, FIRST_OFFSETS, jobId, POLICIES } from './contents.ts';
import type { Happenings, JobDraft, Scenario } from './scenario.ts';
import { specOf } from './spec-of.ts';

/**
 * Small worlds: one job with one or two lanes, one to three tasks, and about as many faults. Most go on from the midst
 * of a run, at a moment at which every function has died; some from where an undisturbed cycle has divided the job and
 * planned its first tasks; some begin with nothing.
 */

/** How many different jobs and topics there are. */
const SHAPES = 128;
/** Far from any seed, since neighbours share nothing anyway. */
const SHAPES_FROM = 0x5eed0000;
/** The share of the others that begins with nothing, so that the trouble hits the first division as well. */
const FROM_NOTHING = 0.35;
/** The share that goes on from the midst of a run. */
const MIDWAY = 0.75;
/** Chapters per shape; one of them has many bad rows, so that dead letters are loaded again. */
const CHAPTERS_EACH = 4;
const MANY_BAD = 0.7;
/** The share of the others with two or three users, and time for several cycles: what lasts through changes of a job's state. */
const BUSY = 0.25;
/** A fault or a few on the way back are what a world from the midst of a run is about: it has had others before. */
const FEW_FAULTS = [1, 1, 2, 3] as const;
const INTENSITY = [0.02, 0.05, 0.12] as const;
const HASTY = [0.05, 0.1, 0.2] as const;

/** What is drawn once for all worlds that share a beginning. */
interface Shape {
  readonly spec: JobSpec;
  readonly partitions: readonly { readonly first: bigint; readonly records: number }[];
}

const shapes = new Map<number, Shape>();

/** A small world. */
export function drawSmall(random: Random): Scenario {
  const number = random.below(SHAPES);
  if (random.chance(MIDWAY)) return drawMidway(random, number);
  const fromNothing = random.chance(FROM_NOTHING);
  const isBusy = random.chance(BUSY);
  return {
    ...ofShape(number, drawJob(number, random)),
    ...(isBusy && { happenings: drawBustle }),
    ...(fromNothing && { happenings: drawGrowth }),
    troubleMs: random.between(5_000, isBusy ? 240_000 : 120_000),
    firstCycleMs: fromNothing ? 0 : random.between(1_000, 90_000),
    crowded: fromNothing ? 0.5 : 0,
    goesOnFrom: fromNothing ? undefined : { shape: number },
  };
}

/** The job and the chapter of a world that goes on from the midst of a run, in which nothing happens by itself. */
export function drawMidwayJob(random: Random) {
  const number = random.below(SHAPES);
  return {
    ...ofShape(number, drawJob(number, random)),
    troubleMs: 0,
    firstCycleMs: 0,
    crowded: 0,
    goesOnFrom: { shape: number, chapter: number * CHAPTERS_EACH + random.below(CHAPTERS_EACH) },
  };
}

/** A world that goes on from the midst of a run, at a time at which a cycle finds what was left there, or not yet. */
function drawMidway(random: Random, number: number): Scenario {
  return {
    ...ofShape(number, drawJob(number, random)),
    happenings: drawLittle,
    mostFaults: random.pick(FEW_FAULTS),
    intensity: HASTY,
    troubleMs: random.between(5_000, 70_000),
    firstCycleMs: random.between(0, 5_000),
    crowded: 0,
    goesOnFrom: { shape: number, chapter: number * CHAPTERS_EACH + random.below(CHAPTERS_EACH) },
  };
}

/** The shape that a chapter's run has. */
export function shapeOfChapter(chapter: number): number {
  return Math.floor(chapter / CHAPTERS_EACH);
}

/** The run whose moments are a chapter of beginnings. */
export function drawPrefix(chapter: number, seed: number): Scenario {
  const random = new Random(seed);
  const number = shapeOfChapter(chapter);
  const fromNothing = random.chance(0.3);
  const contents = chapter % CHAPTERS_EACH === 0 ? drawContents(random, MANY_BAD) : undefined;
  return {
    ...ofShape(number, drawJob(number, random, contents)),
    happenings: drawBustle,
    idleCycles: 1,
    everyCallIsAStep: true,
    troubleMs: 240_000,
    firstCycleMs: fromNothing ? 0 : random.between(1_000, 90_000),
    crowded: 0,
    goesOnFrom: fromNothing ? undefined : { shape: number },
  };
}

/** The world of a shape in which its beginning is made: every record is a row, and nothing happens. */
export function shapeOnly(number: number): Scenario {
  const topic = topicOf(shapeOf(number), () => 'row');
  const job = { id: jobId('A'), topic, spec: shapeOf(number).spec };
  return { ...ofShape(number, job), troubleMs: 0, firstCycleMs: 0, crowded: 0 };
}

function ofShape(number: number, job: JobDraft) {
  return {
    size: 'small' as const,
    jobs: [job],
    topics: new Map([[job.topic.name, job.topic]]),
    // No fewer than a user may ask for: a job that never fits waits for ever, and says so.
    capacity: number % 8 === 0 ? 3 : 20,
    productionStage: false,
    intensity: INTENSITY,
    persons: 0.5,
    proofs: 0.02,
    idleCycles: 0.25,
    happenings: drawHappenings,
  };
}

function drawJob(number: number, random: Random, kindOf = drawContents(random)): JobDraft {
  const shape = shapeOf(number);
  return { id: jobId('A'), spec: shape.spec, topic: topicOf(shape, kindOf) };
}

function topicOf({ spec, partitions }: Shape, kindOf: ConstructorParameters<typeof Topic>[1]) {
  const topic = new Topic(spec.source.kafka.topic, kindOf);
  for (const { first, records } of partitions) topic.addPartition(first, records);
  return topic;
}

function shapeOf(number: number): Shape {
  const known = shapes.get(number);
  if (known) return known;
  const random = new Random(SHAPES_FROM + number);
  const shape = {
    partitions: Array.from({ length: random.pick([1, 1, 2]) }, () => ({
      first: random.pick(FIRST_OFFSETS),
      records: random.pick([1, 1, 2]),
    })),
    spec: specOf({
      name: 'job-A',
      topic: 'topic-A',
      bounded: random.chance(0.15),
      fromLatest: random.chance(0.05),
      forgiving: random.chance(0.8),
      desiredConcurrency: random.pick([1, 2, 2]),
      maxRows: random.pick([1, 2, 2]),
      outOfRange: random.pick(POLICIES),
    }),
  };
  shapes.set(number, shape);
  return shape;
}

function drawHappenings(random: Random): Happenings {
  return {
    users: random.pick([0, 0, 0, 0, 0, 1, 1, 2]),
    produced: random.pick([0, 0, 0, 1]),
    grows: random.chance(0.08),
    deletions: random.chance(0.1) ? 1 : 0,
  };
}

/** What is left of a run is short: seldom does anything else happen in it. */
function drawLittle(random: Random): Happenings {
  return {
    users: random.pick([0, 0, 0, 0, 0, 0, 0, 0, 1, 2]),
    produced: random.pick([0, 0, 0, 0, 0, 1]),
    grows: random.chance(0.03),
    deletions: random.chance(0.05) ? 1 : 0,
  };
}

function drawGrowth(random: Random): Happenings {
  return { ...drawHappenings(random), grows: random.chance(0.4) };
}

function drawBustle(random: Random): Happenings {
  return { ...drawHappenings(random), users: random.between(2, 3), produced: random.between(1, 2) };
}
