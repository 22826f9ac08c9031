import { type JobSpec, jobSpec } from '#shared/domain/job-spec.ts';
import { Topic } from './doubles/topic.ts';
import type { Random } from './engine/random.ts';

/** What a seed draws before anything runs: topics, jobs and the installation. Small on purpose. */

/** Settings as an installation has them by default, times in ms; few tries, so that jobs pause. */
export const SETTINGS = {
  leaseMs: 60_000,
  leaseMarginMs: 5_000,
  cycleMs: 60_000,
  deadlineMarginMs: 15_000,
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

export interface Scenario {
  readonly jobs: readonly JobDraft[];
  readonly topics: ReadonlyMap<string, Topic>;
  /** Tasks that may be live at once. */
  readonly capacity: number;
  /** How long things go wrong, in virtual ms. */
  readonly troubleMs: number;
  /** Whether the production stage with its row writer runs, instead of the light one. */
  readonly productionStage: boolean;
}

/** Where logs begin: also far beyond what a JavaScript number can hold. */
const FIRST_OFFSETS = [0n, 0n, 7n, 2n ** 53n + 1n] as const;

/** One seed in so many runs the production stage, which costs more than the whole schedule. */
const PRODUCTION_STAGE_EVERY = 64;

export function drawScenario(random: Random, seed: number): Scenario {
  const jobs = Array.from({ length: random.chance(0.15) ? 2 : 1 }, (_, i) => drawJob(random, i));
  return {
    jobs,
    topics: new Map(jobs.map(({ topic }) => [topic.name, topic])),
    capacity: random.chance(jobs.length > 1 ? 0.6 : 0.1) ? 3 : 20,
    troubleMs: random.between(50_000, 240_000),
    productionStage: seed % PRODUCTION_STAGE_EVERY === 0,
  };
}

function drawJob(random: Random, i: number): JobDraft {
  const letter = i === 0 ? 'A' : 'B';
  const name = `job-${letter}`;
  const badRows = random.pick([0, 0, 0.1]);
  const topic = new Topic(`topic-${letter}`, () => {
    const drawn = random.next();
    if (drawn < badRows) return 'bad';
    return drawn < 0.7 ? 'row' : drawn < 0.9 ? 'hole' : 'tombstone';
  });
  const partitions = random.pick([1, 1, 2, 2, 3]);
  for (let p = 0; p < partitions; p += 1) {
    topic.addPartition(random.pick(FIRST_OFFSETS), random.between(0, 2));
  }
  return {
    id: `0000000000000000000000000${letter}`,
    topic,
    spec: specOf({
      name,
      topic: topic.name,
      bounded: random.chance(0.1),
      fromLatest: random.chance(0.1),
      forgiving: random.chance(0.8),
      desiredConcurrency: random.between(1, 3),
      maxRows: random.between(1, 4),
    }),
  };
}

interface SpecDraw {
  readonly name: string;
  readonly topic: string;
  readonly bounded: boolean;
  readonly fromLatest: boolean;
  readonly forgiving: boolean;
  readonly desiredConcurrency: number;
  readonly maxRows: number;
}

const drawnSpecs = new Map<string, JobSpec>();

function specOf(draw: SpecDraw): JobSpec {
  const key = JSON.stringify(draw);
  let spec = drawnSpecs.get(key);
  if (spec === undefined) {
    spec = jobSpec.parse({
      name: draw.name,
      source: {
        kafka: {
          brokers: ['broker:9092'],
          topic: draw.topic,
          startOffsets: draw.fromLatest ? 'latest' : 'earliest',
          ...(draw.bounded && { endOffsets: 'latest' }),
        },
      },
      destination: { file: { table: draw.name } },
      desiredConcurrency: draw.desiredConcurrency,
      batch: { maxRows: draw.maxRows, maxIntervalSeconds: 10 },
      errors: { maxPerTenThousand: draw.forgiving ? 10_000 : 0 },
    });
    drawnSpecs.set(key, spec);
  }
  return spec;
}
