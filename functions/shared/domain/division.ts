/** How a topic's partitions are shared out over a job's lanes. */

/**
 * A lane's item holds four offsets per partition (start, next, end, bound), which with the longest numbers are
 * 110 bytes, and must stay below DynamoDB's 400 KB an item.
 */
export const MAX_PARTITIONS_PER_LANE = 3_500;

/** What bounds the number of lanes. `aliveWorkers` is absent for a destination without workers. */
export interface LaneBounds {
  readonly partitions: number;
  readonly desiredConcurrency: number;
  readonly aliveWorkers?: number | undefined;
}

/**
 * n = min(partitions, desired concurrency, alive workers), but never so few that a lane would hold
 * more than {@link MAX_PARTITIONS_PER_LANE} partitions. 0 when there is no partition or no worker.
 */
export function laneCount({ partitions, desiredConcurrency, aliveWorkers }: LaneBounds): number {
  if (partitions === 0 || aliveWorkers === 0) return 0;
  const n = Math.min(partitions, desiredConcurrency, aliveWorkers ?? Number.POSITIVE_INFINITY);
  return Math.max(n, Math.ceil(partitions / MAX_PARTITIONS_PER_LANE));
}

/**
 * Partition number i of the sorted list goes to lane i mod n (round robin, as in #313).
 *
 * @returns one sorted list of partitions per lane
 * @throws {RangeError} when n is not a positive integer
 */
export function divide(partitions: readonly number[], n: number): number[][] {
  if (!Number.isInteger(n) || n < 1) throw new RangeError(`lanes must be >= 1, got ${n}`);
  const lanes: number[][] = Array.from({ length: n }, () => []);
  const sorted = [...partitions].sort((a, b) => a - b);
  sorted.forEach((partition, i) => {
    lanes[i % n]?.push(partition);
  });
  return lanes;
}
