import { describe, expect, it } from 'vitest';
import { runSchedule } from './run-schedule.ts';

/**
 * Seeds that showed a fault of the product, each tried against the code as it was before the fault was mended. What a seed
 * means changes with the simulation itself, so every fault has a unit test as well.
 */
const SEEDS: readonly (readonly [seed: number, fault: string])[] = [
  [1696, 'a late cycle deleted the lanes of a division that had become current: rows doubled'],
  [356, 'a broker with old metadata made a division forget a partition: rows doubled'],
  [538, 'a paused job with a task in doubt was visited in every cycle for ever'],
  [964, 'a job with a task in doubt hung in NEED_SCHEDULE, without a reason, when resumed'],
  [1112, 'a task planned by a late cycle for a job at rest stayed PENDING for ever'],
  [2997, 'writes of lanes went on after their cycle had failed and returned'],
];

describe('seeds that found something', () => {
  it.each(SEEDS)('seed %i: %s', async (seed) => {
    expect((await runSchedule({ seed })).violation).toBeUndefined();
  });
});
