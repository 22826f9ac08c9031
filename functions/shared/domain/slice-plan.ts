import type { BatchLimits } from './job-spec.ts';
import type { Lane } from './lane.ts';
import { lagOf, type OffsetMap, type OffsetRange, type Slice, total } from './offsets.ts';

/** Which offsets a lane's next task takes, and when it is time for one. */

/** A task's item must stay well below 400 KB, so a slice never covers more partitions than this. */
export const MAX_PARTITIONS_PER_SLICE = 1_000;

/** Assumed until a lane has loaded its first rows. */
const DEFAULT_ROW_BYTES = 500;

/** A lane that cannot fill a batch waits for the interval; one that has more than this part of it does not. */
const WORTH_LOADING = 0.5;

/** What planning looks at. `ends` are the log ends as just seen. */
export interface SliceQuestion {
  readonly lane: Lane;
  readonly ends: OffsetMap;
  readonly batch: BatchLimits;
  /** Whether some of the lag was there already when the lane's last slice was planned, and did not fit it. */
  readonly isRest?: boolean | undefined;
  /** Epoch ms. */
  readonly now: number;
}

/**
 * The next slice of an idle lane, or `undefined` when there is nothing to load or it is not time yet.
 *
 * - `to` is at most the log end and the end of a bounded job, and the whole at most a batch, by the lane's
 *   average row size;
 * - partitions share the batch fairly: a hot one never starves the others;
 * - a slice that would be small waits until `maxIntervalSeconds` have passed since the last was planned. The rest of
 *   a backlog does not wait, nor a bounded job: their rows are there already.
 */
export function planSlice(question: SliceQuestion): Slice | undefined {
  const { lane, batch, now } = question;
  const lag = openLag(lane, question.ends);
  if (lag.size === 0) return undefined;
  const budget = rowBudget(lane, batch);
  const waited =
    lane.plannedAt === undefined || now - lane.plannedAt >= batch.maxIntervalSeconds * 1000;
  const worthIt = Number(total(lag)) >= budget * WORTH_LOADING;
  const isThere = question.isRest === true || lane.until !== undefined;
  if (!waited && !worthIt && !isThere) return undefined;
  return share(lane, chooseDebtors(lane, lag), BigInt(budget));
}

/** A job's batch within the limits of the installation. */
export function batchWithin(
  batch: BatchLimits,
  limits: { readonly maxBatchRows: number; readonly maxBatchBytes: number },
): BatchLimits {
  return {
    ...batch,
    maxRows: Math.min(batch.maxRows, limits.maxBatchRows),
    maxBytes: Math.min(batch.maxBytes, limits.maxBatchBytes),
  };
}

/**
 * Offsets left per partition up to the log's or the job's end; only partitions that have some. Of `ends`, which may be
 * those of a whole topic, it looks at the lane's own: with 256 lanes of 10,000 partitions all others would be millions.
 */
export function openLag(lane: Pick<Lane, 'next' | 'until'>, ends: OffsetMap): OffsetMap {
  const bounded = new Map<number, bigint>();
  for (const partition of lane.next.keys()) {
    const end = ends.get(partition);
    if (end === undefined) continue;
    const until = lane.until?.get(partition);
    bounded.set(partition, until !== undefined && until < end ? until : end);
  }
  return new Map([...lagOf(lane.next, bounded)].filter(([, lag]) => lag > 0n));
}

/** Whether a bounded job's lane has loaded all that it ever will. */
export function isComplete(lane: Pick<Lane, 'next' | 'until'>): boolean {
  if (lane.until === undefined) return false;
  for (const [partition, until] of lane.until) {
    const next = lane.next.get(partition);
    if (next === undefined || next < until) return false;
  }
  return true;
}

/** How many offsets fit a batch. */
function rowBudget(lane: Lane, batch: BatchLimits): number {
  // Bytes are counted as they are read, so what was not loaded counts too.
  const records = lane.rows + lane.filtered + lane.rejected;
  const rowBytes = records > 0 && lane.bytes > 0 ? lane.bytes / records : DEFAULT_ROW_BYTES;
  return Math.max(1, Math.min(batch.maxRows, Math.floor(batch.maxBytes / rowBytes)));
}

/** At most {@link MAX_PARTITIONS_PER_SLICE} partitions, beginning elsewhere each time so that none starves. */
function chooseDebtors(lane: Lane, lag: OffsetMap): [number, bigint][] {
  const all = [...lag].sort(([a], [b]) => a - b);
  if (all.length <= MAX_PARTITIONS_PER_SLICE) return all;
  const begin = (lane.tasks * MAX_PARTITIONS_PER_SLICE) % all.length;
  return [...all.slice(begin), ...all.slice(0, begin)].slice(0, MAX_PARTITIONS_PER_SLICE);
}

/** Fills partitions from the smallest lag up, each with at most an equal share of what is left. */
function share(lane: Lane, debtors: [number, bigint][], budget: bigint): Slice {
  const slice = new Map<number, OffsetRange>();
  let left = budget;
  const bySize = [...debtors].sort(([, a], [, b]) => (a < b ? -1 : a > b ? 1 : 0));
  bySize.forEach(([partition, lag], i) => {
    const fair = left / BigInt(bySize.length - i);
    const take = lag < fair ? lag : fair;
    const from = lane.next.get(partition);
    if (take <= 0n || from === undefined) return;
    slice.set(partition, { from, to: from + take });
    left -= take;
  });
  return slice.size > 0 ? slice : firstOffset(lane, debtors);
}

/** A batch smaller than the number of partitions still takes one offset. */
function firstOffset(lane: Lane, debtors: [number, bigint][]): Slice {
  const turn = debtors[lane.tasks % debtors.length];
  const from = turn && lane.next.get(turn[0]);
  if (turn === undefined || from === undefined) return new Map();
  return new Map([[turn[0], { from, to: from + 1n }]]);
}
