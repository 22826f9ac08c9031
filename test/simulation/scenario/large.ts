import { Topic } from '../doubles/topic.ts';
import type { Random } from '../engine/random.ts';
import { drawContents, FIRST_OFFSETS, jobId, POLICIES } from './contents.ts';
import type { Happenings, JobDraft, Scenario } from './scenario.ts';
import { specOf } from './spec-of.ts';

/** Large worlds: whatever needs several lanes, jobs that compete, or one trouble after the other. */

const MOST_USERS = 2;
const MOST_PRODUCED = 2;
const INTENSITY = [0.005, 0.02, 0.05] as const;

/** A large world, without its stage. */
export function drawLarge(random: Random): Scenario {
  const jobs = Array.from({ length: random.chance(0.25) ? 2 : 1 }, (_, i) => drawJob(random, i));
  return {
    size: 'large',
    jobs,
    topics: new Map(jobs.map(({ topic }) => [topic.name, topic])),
    // A job with more lanes than that would not be divided at all.
    capacity: random.chance(jobs.length > 1 ? 0.6 : 0.1) ? mostLanes(jobs) : 20,
    troubleMs: random.between(50_000, 240_000),
    firstCycleMs: random.between(0, 1_000),
    crowded: 0,
    productionStage: false,
    intensity: INTENSITY,
    persons: 0.5,
    proofs: 0.2,
    idleCycles: 1,
    happenings: drawHappenings,
  };
}

function mostLanes(jobs: readonly JobDraft[]): number {
  return Math.max(...jobs.map(({ spec }) => spec.desiredConcurrency));
}

function drawJob(random: Random, i: number): JobDraft {
  const letter = i === 0 ? 'A' : 'B';
  const topic = new Topic(`topic-${letter}`, drawContents(random));
  const partitions = random.pick([1, 1, 2, 2, 3]);
  for (let p = 0; p < partitions; p += 1) {
    topic.addPartition(random.pick(FIRST_OFFSETS), random.between(0, 2));
  }
  return {
    id: jobId(letter),
    topic,
    spec: specOf({
      name: `job-${letter}`,
      topic: topic.name,
      bounded: random.chance(0.1),
      fromLatest: random.chance(0.1),
      forgiving: random.chance(0.8),
      desiredConcurrency: random.between(1, 3),
      maxRows: random.between(1, 4),
      outOfRange: random.pick(POLICIES),
    }),
  };
}

function drawHappenings(random: Random): Happenings {
  return {
    users: Math.max(0, random.below(MOST_USERS + 2) - 1),
    produced: random.below(MOST_PRODUCED + 1),
    grows: random.chance(0.25),
    deletions: random.chance(0.2) ? 1 : 0,
  };
}
