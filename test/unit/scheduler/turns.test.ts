import { describe, expect, it } from 'vitest';
import { planRounds } from '../../../functions/scheduler/turns.ts';
import type { Job } from '../../../functions/shared/domain/job.ts';
import { exampleJob, NOW } from '../../support/planning-examples.ts';

const job = (id: string, fields: Partial<Job> = {}) =>
  exampleJob({ id, state: 'RUNNING', generation: 1, ...fields });

const waiting = (id: string, at: number, fields: Partial<Job> = {}) =>
  job(id, { note: { code: 'NO_CAPACITY', message: 'wait', at }, ...fields });

function rounds(jobs: Job[], live: Record<string, number> = {}, now = NOW) {
  const liveOf = new Map(Object.entries(live));
  const planned = planRounds(jobs, { live: liveOf, capacity: 8, now, cycleMs: 60_000 });
  const ids = planned.rounds.map((round) => round.map(({ id }) => id));
  return { ...planned, ids, allowed: Object.fromEntries(planned.allowed) };
}

describe('the rounds of a cycle', () => {
  it('are one where nobody waits, in which another job comes first each time', () => {
    const jobs = ['a', 'b', 'c', 'd'].map((id) => job(id));
    const firsts = new Set<string | undefined>();
    for (let cycle = 0; cycle < 8; cycle += 1) {
      const { ids } = rounds(jobs, { a: 8 }, NOW + cycle * 60_000);
      expect(ids[0]).toEqual([]);
      expect([...(ids[1] ?? [])].sort()).toEqual(['a', 'b', 'c', 'd']);
      firsts.add(ids[1]?.[0]);
    }
    expect(firsts.size).toBe(4);
  });

  it('begin with those that wait, the one that has waited longest first, up to their share', () => {
    const jobs = [job('hog'), waiting('new', NOW - 1), waiting('old', NOW - 9), job('idle')];
    const { share, ids, allowed } = rounds(jobs, { hog: 7, new: 1 });
    expect(share).toBe(2);
    expect(ids[0]).toEqual(['old', 'new']);
    expect(allowed).toEqual({ old: 2, new: 1 });
    expect([...(ids[1] ?? [])].sort()).toEqual(['hog', 'idle']);
  });

  it('leave a job whose lanes wait in its turn when it has its share', () => {
    expect(rounds([waiting('hog', NOW - 9), job('b')], { hog: 7, b: 1 }).ids[0]).toEqual([]);
  });

  it('count the wait of a job that has yielded from then on', () => {
    const yielded = waiting('yielded', NOW - 9, { yielding: { at: NOW - 1, lanes: [0] } });
    expect(rounds([yielded, waiting('other', NOW - 5)]).ids[0]).toEqual(['other', 'yielded']);
  });

  it('let dead letters that are wanted again come first, too, as nobody is told that they wait', () => {
    const redrive = { id: 'R', upTo: 'K', at: NOW - 5 };
    const { ids, allowed } = rounds([job('hog'), job('done', { state: 'COMPLETED', redrive })], {
      hog: 8,
    });
    expect(ids[0]).toEqual(['done']);
    expect(allowed).toEqual({});
    const paused = job('paused', { state: 'PAUSED', redrive });
    expect(rounds([paused]).ids[0]).toEqual([]);
  });
});
