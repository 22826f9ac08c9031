import { describe, expect, it } from 'vitest';
import type { Clock } from '#shared/clock.ts';
import { startTimer } from '../../../../infra/local/timer.ts';

/** Time that moves when told to. */
class ManualClock implements Clock {
  #now = Date.UTC(2026, 10, 22, 12, 0, 0);
  #sleepers: { readonly at: number; readonly wake: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#sleepers.push({ at: this.#now + ms, wake: resolve });
      signal?.addEventListener('abort', () => reject(signal.reason));
    });
  }

  async advance(ms: number): Promise<void> {
    this.#now += ms;
    const due = this.#sleepers.filter(({ at }) => at <= this.#now);
    this.#sleepers = this.#sleepers.filter(({ at }) => at > this.#now);
    for (const { wake } of due) wake();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

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
