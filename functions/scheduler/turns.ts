import type { Job } from '#shared/domain/job.ts';
import { loadsDeadLetters } from '#shared/domain/redrive.ts';
import { fairShare } from './fair-share.ts';

/** In which order a cycle comes to its jobs. */

/** The golden ratio's fractional part: its multiples come to every place of a circle soonest, however many there are. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** What a cycle does one after the other, and within which limits. */
export interface Rounds {
  /** How many tasks each job is due. */
  readonly share: number;
  readonly rounds: readonly (readonly Job[])[];
  /** How many tasks a job may be given in this cycle; absent where room alone is the limit. */
  readonly allowed: ReadonlyMap<string, number>;
}

/**
 * The rounds of a cycle. Jobs that had to wait for room and have less than their fair share come before all others, up to
 * that share, the one that has waited longest first: what others have yielded for them does not go back to those. A second
 * round costs a connection more to clusters that have jobs in both, where somebody waits.
 *
 * @param live how many tasks each job has
 */
export function planRounds(
  jobs: readonly Job[],
  {
    live,
    capacity,
    ...time
  }: {
    readonly live: ReadonlyMap<string, number>;
    readonly capacity: number;
    readonly now: number;
    readonly cycleMs: number;
  },
): Rounds {
  const liveOf = ({ id }: Job) => live.get(id) ?? 0;
  const contending = jobs.filter(
    (job) => waitsSince(job) !== undefined || (liveOf(job) > 0 && job.state !== 'PAUSED'),
  );
  const share = fairShare(capacity, contending.length);
  const ordered = inTurn(jobs, time);
  const waiting = ordered
    .filter((job) => waitsSince(job) !== undefined && liveOf(job) < share)
    .sort((a, b) => (waitsSince(a) ?? 0) - (waitsSince(b) ?? 0));
  const isFirst = new Set(waiting);
  const told = waiting.filter(isToldToWait);
  const allowed = new Map(told.map((job) => [job.id, share - liveOf(job)]));
  return { share, rounds: [waiting, ordered.filter((job) => !isFirst.has(job))], allowed };
}

function isToldToWait({ note }: Job): boolean {
  return note?.code === 'NO_CAPACITY';
}

/**
 * Since when a job was told that there is no room, or asks for dead letters, which are not told of it; epoch ms. One that
 * has yielded had room until then, however long others of its lanes have waited.
 */
function waitsSince(job: Job): number | undefined {
  const { note, redrive, yielding } = job;
  const asked = loadsDeadLetters(job) ? redrive?.at : undefined;
  const since = isToldToWait(job) ? note?.at : asked;
  return since === undefined ? undefined : Math.max(since, yielding?.at ?? 0);
}

/**
 * Another job comes first in every cycle, so that none is always the one that finds no room, or no time: where a cycle
 * gets through a tenth of the jobs, each has its turn within some 25 cycles, and does not wait for all before it
 * to have been first.
 */
function inTurn(
  jobs: readonly Job[],
  { now, cycleMs }: { readonly now: number; readonly cycleMs: number },
): Job[] {
  const sorted = [...jobs].sort((a, b) => (a.id < b.id ? -1 : 1));
  const place = (Math.floor(now / cycleMs) * GOLDEN) % 1;
  const begin = Math.floor(place * sorted.length);
  return [...sorted.slice(begin), ...sorted.slice(0, begin)];
}
