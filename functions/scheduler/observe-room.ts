import type { KafkaSource } from '#shared/domain/job-spec.ts';
import type { OffsetMap } from '#shared/domain/offsets.ts';
import type { KafkaCluster } from '#shared/kafka/cluster.ts';

/** Which records are not loaded, and how much of its log the topic keeps. */
export interface RoomQuestion {
  readonly topic: string;
  readonly isolation: KafkaSource['isolation'];
  /** The next offset of each partition that has some. */
  readonly unloaded: OffsetMap;
  readonly earliest: OffsetMap;
  readonly latest: OffsetMap;
  /** `retention.bytes`; absent where there is none. */
  readonly limit: number | undefined;
}

/** A log, as far as its growth goes. */
export interface LogGrowth {
  /** Its bytes, and the offsets that they hold. */
  readonly size: number;
  readonly earliest: bigint;
  readonly latest: bigint;
  /** The first offset that came within the last `windowMs`. */
  readonly recent: bigint;
  readonly windowMs: number;
}

/** Growth is that of the last hour; a log that holds no hour tells it by a shorter time. */
const WINDOWS_MS = [3_600_000, 300_000, 20_000] as const;

/**
 * How long until a limit by bytes reaches the first record of a partition that is not loaded, in ms, for the partition
 * in which it does so first; `undefined` where there is no such limit, no log grows, or we are not told: what is only
 * measured must not harm a cycle. A topic without a limit costs no request.
 */
export async function observeRoom(
  cluster: KafkaCluster,
  question: RoomQuestion,
  now: number,
): Promise<number | undefined> {
  const { topic, unloaded, limit } = question;
  if (limit === undefined) return undefined;
  try {
    const sizes = await cluster.logSizes?.(topic, [...unloaded.keys()]);
    if (sizes === undefined) return undefined;
    const times: number[] = [];
    for (const [partition, growth] of await growthsOf(cluster, question, { sizes, now })) {
      const next = unloaded.get(partition) ?? growth.latest;
      const ms = msUntilReached(growth, { next, limit });
      if (ms !== undefined) times.push(ms);
    }
    return times.length === 0 ? undefined : Math.min(...times);
  } catch {
    return undefined;
  }
}

async function growthsOf(
  cluster: KafkaCluster,
  { topic, isolation, earliest, latest }: RoomQuestion,
  { sizes, now }: { readonly sizes: ReadonlyMap<number, number>; readonly now: number },
): Promise<ReadonlyMap<number, LogGrowth>> {
  const growths = new Map<number, LogGrowth>();
  for (const windowMs of WINDOWS_MS) {
    const partitions = [...sizes.keys()].filter((partition) => holdsLess(growths.get(partition)));
    if (partitions.length === 0) break;
    const at = { timestampMs: now - windowMs };
    const recents = await cluster.listOffsets({ topic, partitions, at, isolation });
    for (const [partition, recent] of recents) {
      growths.set(partition, {
        size: sizes.get(partition) ?? 0,
        earliest: earliest.get(partition) ?? 0n,
        latest: latest.get(partition) ?? 0n,
        recent,
        windowMs,
      });
    }
  }
  return growths;
}

/** Whether a log has nothing from before the window, so that it may have deleted some of what came within it. */
function holdsLess(growth: LogGrowth | undefined): boolean {
  return growth === undefined || growth.recent <= growth.earliest;
}

/**
 * How long until the records from `next` on alone have as many bytes as the topic keeps, if it grows on as it does. Not
 * later than it deletes `next`: it deletes whole segments, as soon as the others have as many.
 *
 * @returns ms; `undefined` when the log is empty or does not grow
 */
export function msUntilReached(
  { size, earliest, latest, recent, windowMs }: LogGrowth,
  { next, limit }: { readonly next: bigint; readonly limit: number },
): number | undefined {
  if (latest <= earliest) return undefined;
  const perOffset = size / Number(latest - earliest);
  const left = limit - Number(latest - next) * perOffset;
  if (left <= 0) return 0;
  const since = recent > earliest ? recent : earliest;
  const perMs = (Number(latest - since) * perOffset) / windowMs;
  return perMs > 0 ? left / perMs : undefined;
}
