import { describe, expect, it } from 'vitest';
import { startTimer } from '../../../../infra/local/timer.ts';
import { ManualClock } from './manual-clock.ts';

describe('the schedule', () => {
  it('starts one cycle at once and one each period, and none after it is closed', async () => {
    const clock = new ManualClock();
    const times: string[] = [];
    const timer = startTimer({
      everyMs: 2_000,
      target: async ({ time }) => times.push(time),
      clock,
      onError: () => undefined,
    });
    await clock.advance(2_000);
    await clock.advance(1_000);
    await clock.advance(1_000);
    await timer.close();
    await clock.advance(10_000);
    expect(times).toEqual(['2026-11-22T12:00:00Z', '2026-11-22T12:00:02Z', '2026-11-22T12:00:04Z']);
  });

  it('starts another while one still runs, but never a third', async () => {
    const clock = new ManualClock();
    const ends: (() => void)[] = [];
    const timer = startTimer({
      everyMs: 1_000,
      target: () => new Promise<void>((resolve) => ends.push(resolve)),
      clock,
      onError: () => undefined,
    });
    for (let i = 0; i < 5; i += 1) await clock.advance(1_000);
    expect(ends).toHaveLength(2);
    ends[0]?.();
    await clock.advance(1_000);
    expect(ends).toHaveLength(3);
    await timer.close();
  });

  it('tells of a cycle that failed and goes on', async () => {
    const clock = new ManualClock();
    const errors: unknown[] = [];
    const timer = startTimer({
      everyMs: 1_000,
      target: () => Promise.reject(new Error('no store')),
      clock,
      onError: (error) => errors.push(error),
    });
    await clock.advance(1_000);
    await clock.advance(1_000);
    await timer.close();
    expect(errors).toHaveLength(3);
  });
});
