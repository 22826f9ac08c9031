import type { JobSpec } from '#shared/domain/job-spec.ts';
import type { Topic } from '../doubles/topic.ts';
import type { Random } from '../engine/random.ts';
import type { BriefCourse } from './brief.ts';
import { drawLarge } from './large.ts';
import { drawSmall } from './small.ts';

/** What a seed draws before anything runs: topics, jobs, the installation, and what happens by itself. */

/** Settings as an installation has them by default, times in ms; few tries, so that jobs pause. */
export const SETTINGS = {
  leaseMs: 60_000,
  leaseMarginMs: 5_000,
  cycleMs: 60_000,
  deadlineMarginMs: 15_000,
  loaderLifeMs: 1_200_000,
  maxTaskFailures: 3,
  retentionDays: 7,
  maxBatchRows: 1_000_000,
  maxBatchBytes: 1_073_741_824,
} as const;

/** A job to be simulated. Ids look like ULIDs, which the API demands. */
export interface JobDraft {
  readonly id: string;
  readonly spec: JobSpec;
  readonly topic: Topic;
}

/** What happens to each job by itself while the trouble lasts, as how often. */
export interface Happenings {
  /** Users who want something of the job. */
  readonly users: number;
  /** Times that records are added. */
  readonly produced: number;
  /** Whether the topic gets another partition. */
  readonly grows: boolean;
  /** Times that retention deletes records, loaded or not. */
  readonly deletions: number;
}

/** The job and the topic of a shape, as an undisturbed cycle has left them; or as they were in a chapter's midst. */
export interface GoesOnFrom {
  readonly shape: number;
  readonly chapter?: number | undefined;
}

/** How intense the trouble is: the probability that something goes wrong at a call. */
export type Intensity = readonly number[];

/** How large worlds are: brief ones, and whole ones, which are small or large. */
export const SIZES = ['brief', 'small', 'large'] as const;
export type Size = (typeof SIZES)[number];

export interface Scenario {
  readonly size: Size;
  readonly jobs: readonly JobDraft[];
  readonly topics: ReadonlyMap<string, Topic>;
  /** Tasks that may be live at once. */
  readonly capacity: number;
  /** How long things go wrong, in virtual ms. */
  readonly troubleMs: number;
  /** Virtual ms after the beginning at which the first cycle starts. */
  readonly firstCycleMs: number;
  /** The share of what happens by itself that happens at the very beginning. */
  readonly crowded: number;
  /** Whether the production stage with its row writer runs, instead of the light one. */
  readonly productionStage: boolean;
  /** Whether the sink has no place for dead letters, so that the topic has to have them. */
  readonly bareSink?: boolean | undefined;
  /** What it goes on from; else it begins with nothing. */
  readonly goesOnFrom?: GoesOnFrom | undefined;
  readonly intensity: Intensity;
  /** How a brief world goes; absent in all others. */
  readonly course?: BriefCourse | undefined;
  readonly mostFaults?: number | undefined;
  readonly everyCallIsAStep?: boolean | undefined;
  /** The share in which a person does something about what has paused, is in doubt, or waits as dead letters at the end. */
  readonly persons: number;
  /** The share of schedules that end with the product's own proof, which costs as much as a task. */
  readonly proofs: number;
  /** The share of cycles that run while every job is at rest, which find something only where brokers lie. */
  readonly idleCycles: number;
  /** Draws what happens to a job. */
  readonly happenings: (random: Random) => Happenings;
}

/**
 * One seed in so many is a whole world, small or large; the others are brief. Most faults of a protocol show in a
 * small scope, and many more brief worlds fit into a second.
 */
const WHOLE_EVERY = 48;

/**
 * One whole world in so many is large: several partitions and lanes, sometimes two jobs, four minutes of trouble. The
 * others are small.
 */
const LARGE_EVERY = 16;

/** Some of the large ones run the production stage, which costs more than the whole schedule. */
const PRODUCTION_STAGE_EVERY = 64;

/** One sink in so many keeps no dead letters. */
const BARE_SINK_EVERY = 3;

/** The number among the whole worlds that a seed has; nothing where its world is a brief one. */
export function wholeNumberOf(seed: number): number | undefined {
  return seed % WHOLE_EVERY === 0 ? seed / WHOLE_EVERY : undefined;
}

/** Whether the sink of this seed or number has no place for dead letters: so that nothing else depends on it, it is not drawn. */
export function isBare(number: number): boolean {
  return number % BARE_SINK_EVERY === 0;
}

/** What the whole world of a number is. `random` stands at its beginning. */
export function drawWhole(random: Random, number: number): Scenario {
  const bareSink = isBare(number);
  if (number % LARGE_EVERY !== 0) return { ...drawSmall(random), bareSink };
  return { ...drawLarge(random), bareSink, productionStage: number % PRODUCTION_STAGE_EVERY === 0 };
}
