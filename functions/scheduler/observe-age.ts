import type { Job } from '#shared/domain/job.ts';
import type { Lane } from '#shared/domain/lane.ts';
import type { OffsetMap } from '#shared/domain/offsets.ts';
import { openLag } from '#shared/domain/slice-plan.ts';
import type { KafkaCluster } from '#shared/kafka/cluster.ts';
import { shardOf } from '#shared/store/job-record.ts';
import { observeRoom } from './observe-room.ts';

/** How old the oldest record is that a job has not loaded; for metrics, never for decisions. */
export interface UnloadedAge {
  readonly ageMs: number;
  /** The age at which the topic deletes records; absent when it never does, or does not say. */
  readonly retentionMs?: number | undefined;
  /** ms until its limit of bytes reaches one of these records; absent when it has none, is not growing, or does not say. */
  readonly msUntilFull?: number | undefined;
}

/** Whose records, and where the topic's log begins and ends. */
export interface UnloadedQuestion {
  readonly job: Job;
  readonly lanes: readonly Lane[];
  readonly earliest: OffsetMap;
  readonly latest: OffsetMap;
}

/** When a cycle looks. */
export interface AgeLook {
  /** Epoch ms. */
  readonly now: number;
  readonly cycleMs: number;
}

/** Jobs are looked at in turn, each in one of this many cycles: it takes a handful of requests. */
const EVERY_CYCLES = 8;

/** The grid of ages: from a second to a year, an eighth of a doubling apart. */
const STEPS_PER_DOUBLING = 8;
const LONGEST_STEP = 25 * STEPS_PER_DOUBLING;
const ageOf = (step: number) => 1_000 * 2 ** (step / STEPS_PER_DOUBLING);

/** Whether it is this job's turn. */
export function isAgesTurn({ id }: Pick<Job, 'id'>, { now, cycleMs }: AgeLook): boolean {
  return (Math.floor(now / cycleMs) + shardOf(id)) % EVERY_CYCLES === 0;
}

/**
 * The age of a job's oldest unloaded record, at most a tenth too low, or a second if it is younger; `undefined`
 * when everything is loaded, or the cluster does not answer: what is only measured must not harm a cycle.
 *
 * Brokers tell the first record as late as a time, not the time of a record. So the time is searched for:
 * a record that is not loaded is older than a time when the first record as late as that lies behind it. Where
 * producers set times out of order, this is their order in the log.
 */
export async function observeAge(
  cluster: KafkaCluster,
  { job, lanes, earliest, latest }: UnloadedQuestion,
  now: number,
): Promise<UnloadedAge | undefined> {
  const { topic, isolation } = job.spec.source.kafka;
  const unloaded = new Map<number, bigint>();
  for (const lane of lanes) {
    for (const partition of openLag(lane, latest).keys()) {
      unloaded.set(partition, lane.next.get(partition) ?? 0n);
    }
  }
  if (unloaded.size === 0) return undefined;
  const isOlder = async (ageMs: number): Promise<boolean> => {
    const at = { timestampMs: Math.floor(now - ageMs) };
    const partitions = [...unloaded.keys()];
    const firsts = await cluster.listOffsets({ topic, partitions, at, isolation });
    return [...unloaded].some(([partition, next]) => next < (firsts.get(partition) ?? next));
  };
  try {
    const ageMs = await greatestAge(isOlder);
    const { ms, bytes } = (await cluster.retention?.(topic)) ?? {};
    const room = { topic, isolation, unloaded, earliest, latest, limit: bytes };
    return { ageMs, retentionMs: ms, msUntilFull: await observeRoom(cluster, room, now) };
  } catch {
    return undefined;
  }
}

/** The greatest age of the grid at which `isOlder` still holds; by halves. */
async function greatestAge(isOlder: (ageMs: number) => Promise<boolean>): Promise<number> {
  let [holds, fails] = [-1, LONGEST_STEP];
  while (fails - holds > 1) {
    const middle = (holds + fails) >> 1;
    if (await isOlder(ageOf(middle))) holds = middle;
    else fails = middle;
  }
  return holds < 0 ? 0 : ageOf(holds);
}
