import { describe, expect, it } from 'vitest';
import { REAL_SINKS } from './doubles/sinks/simulated-sink.ts';
import { runMany } from './many.ts';
import { MUTANTS } from './mutants/all.ts';
import { hunt } from './mutants/hunt.ts';
import { Tally } from './tally.ts';

const SEEDS = 500;

/** One guard of each sink that is missed soon. */
const SOON_MISSED = [
  's3: an upload that is gone',
  'doris: what was committed before',
  'starrocks: what was committed before',
  'file: rows are durable',
  'iceberg: a commit counts only',
];

describe.each(REAL_SINKS)("the product's own sink for %s under seeds", (sink) => {
  it('F15, F16, F17, F18, F19, F20, F21: shows every row exactly once, and keeps every bad one, whatever goes wrong at its servers', async () => {
    const tally = new Tally();
    const onReport = (report: Parameters<typeof tally.add>[0]) => {
      tally.add(report);
      return true;
    };
    await runMany({ from: 1, seeds: SEEDS, sink, onReport });

    expect(tally.violated).toEqual([]);
    expect(tally.rows).toBeGreaterThan(SEEDS / 2);
  }, 120_000);

  it('shows the damage where one of its guards is switched off', async () => {
    const mutants = MUTANTS.filter(
      (mutant) => mutant.sink === sink && SOON_MISSED.some((name) => mutant.guard.startsWith(name)),
    );
    expect(mutants).toHaveLength(1);
    for (const mutant of mutants) {
      const { killed } = await hunt(mutant, { from: 1, seeds: 2_000 });
      expect(killed, mutant.guard).toBeDefined();
    }
  }, 120_000);
});
