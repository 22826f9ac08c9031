import { describe, expect, it } from 'vitest';
import { explore } from './explore/explore.ts';
import { runMany } from './many.ts';
import { MUTANTS } from './mutants/all.ts';
import { hunt } from './mutants/hunt.ts';
import { Tally } from './tally.ts';

/** As many seeds as fit: a slow machine runs fewer, and every machine the same ones first. */
const MIXED_MS = 10_000;
const WHOLE_MS = 15_000;
const LEAST_SEEDS = 4_000;

/** Runs seeds for so long, but for a least number in any case. */
async function runFor(ms: number, whole: boolean): Promise<Tally> {
  const tally = new Tally();
  const end = performance.now() + ms;
  await runMany({
    from: 1,
    seeds: 1_000_000,
    whole,
    onReport: (report) => {
      tally.add(report);
      return performance.now() < end || tally.schedules < LEAST_SEEDS;
    },
  });
  return tally;
}

describe('the product under seeds', () => {
  it('loads every record exactly once and is never stuck, whatever goes wrong', async () => {
    const whole = await runFor(WHOLE_MS, true);
    const tally = await runFor(MIXED_MS, false);
    // Brief worlds end with the task that they were about: for whole ones there is more to load.
    expect(whole.rows).toBeGreaterThan(whole.schedules);
    expect(tally.rows).toBeGreaterThan(tally.schedules / 2);
    tally.merge(whole);
    console.log(tally.summary());

    expect(tally.violated).toEqual([]);
    // Not vacuous: everything that can go wrong did, every state was reached, and much was loaded.
    expect(Object.entries(tally.faults).filter(([, count]) => count === 0)).toEqual([]);
    expect(Object.keys(tally.states).sort()).toEqual([
      'CANCELLED',
      'COMPLETED',
      'PAUSED',
      'RUNNING',
      'STOPPED',
    ]);
    expect(Math.min(tally.moves.seek, tally.moves.policy)).toBeGreaterThan(0);
  }, 120_000);

  it('shows the damage when a guard is missing', async () => {
    const quick = ['fence on the decision', 'believed won', 'sweep spares', 'successor'];
    for (const mutant of MUTANTS.filter(({ guard }) => quick.some((q) => guard.includes(q)))) {
      const { killed } = await hunt(mutant, { from: 1, seeds: 5_000 });
      expect(killed, mutant.guard).toBeDefined();
    }
  }, 120_000);
});

describe('the task protocol in every order', () => {
  const bound = { loadersAtOnce: 2, invocations: 2, crashes: 1, ambiguous: 0, cycles: 1 };

  it('has no bad state with two loaders, a crash and a zombie', async () => {
    const found = await explore(bound);

    expect(found).toMatchObject({ complete: true });
    expect(found.violation).toBeUndefined();
    expect(found.states).toBeGreaterThan(1_000);
  }, 120_000);

  it('has one when the decision is not fenced', async () => {
    const unfenced = MUTANTS.find(({ guard }) => guard.startsWith('fence on the decision'));
    const found = await explore(bound, { sabotage: unfenced!.sabotage });

    expect(found.violation).toBeDefined();
  }, 120_000);
});
