import { describe, expect, it } from 'vitest';
import { runSchedule } from './run-schedule.ts';
import { sweepChapter, sweptWorld } from './sweep.ts';

describe('a sweep', () => {
  it('tries each fault at each call from each moment of a run, and finds nothing wrong', async () => {
    const counts = await sweepChapter(1);

    expect(counts.violated).toEqual([]);
    expect(counts.moments).toBeGreaterThan(2);
    expect(counts.schedules).toBeGreaterThan(counts.calls * 5);
    // Nearly every fault befalls its call: a way may be shorter than the one that nothing had disturbed.
    const befallen = Object.values(counts.byFault).reduce((sum, count) => sum + count, 0);
    expect(befallen).toBeGreaterThan(counts.schedules * 0.9);
  }, 60_000);

  it('has schedules that can be run again by themselves', async () => {
    const swept = { chapter: 1, place: 0, call: 1, fault: 'crash-after', seed: 0 } as const;
    const report = await runSchedule(await sweptWorld(swept));

    expect(report).toMatchObject({ size: 'brief', violation: undefined });
    expect(report.faults['crash-after']).toBe(1);
  });
});
