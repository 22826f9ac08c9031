import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nextResume, type ResumeRecord } from '#shared/domain/resume.ts';

const NOW = 1_790_000_000_000;

/** Pauses in ms of a job that fails again at once each time it resumes. */
function pauses(count: number): number[] {
  let now = NOW;
  let record: ResumeRecord | undefined;
  return Array.from({ length: count }, () => {
    record = nextResume(record, now);
    const pause = record.nextAt - now;
    now = record.nextAt;
    return pause;
  });
}

it('a job resumes at once the first time, then after 10 s doubling to 300 s', () => {
  expect(pauses(9)).toEqual([
    0, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000,
  ]);
});

it('ten minutes without a pause are forgiven, and not a moment less', () => {
  const record = { attempts: 6, nextAt: NOW } as const;
  expect(nextResume(record, NOW + 600_000).nextAt).toBe(NOW + 600_000 + 300_000);
  expect(nextResume(record, NOW + 600_001)).toEqual({ attempts: 1, nextAt: NOW + 600_001 });
});

it('F10: the pause is never negative nor above 300 s, whatever the clock does', () => {
  const record = fc.option(
    fc.record({
      attempts: fc.integer({ min: 0, max: 5_000 }),
      nextAt: fc.integer({ min: 0, max: 2 * NOW }),
    }),
    { nil: undefined },
  );
  fc.assert(
    fc.property(record, fc.integer({ min: 0, max: 2 * NOW }), (previous, now) => {
      const next = nextResume(previous, now);
      expect(next.nextAt - now).toBeGreaterThanOrEqual(0);
      expect(next.nextAt - now).toBeLessThanOrEqual(300_000);
      expect(next.attempts).toBeGreaterThanOrEqual(1);
    }),
  );
});
