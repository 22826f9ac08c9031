import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fairShare,
  planYields,
  type Standing,
  standingOf,
} from '../../../functions/scheduler/fair-share.ts';
import type { Job } from '../../../functions/shared/domain/job.ts';
import {
  exampleJob,
  exampleLane,
  exampleTask,
  NOW,
  observe,
} from '../../support/planning-examples.ts';

const lanesUpTo = (count: number) => Array.from({ length: count }, (_, i) => i);

function standing(id: string, fields: Partial<Standing> & Pick<Standing, 'live'>): Standing {
  const { live, yielding = [] } = fields;
  return {
    job: exampleJob({ id, state: 'RUNNING', generation: 1 }),
    waiting: 0,
    yielding,
    askable: lanesUpTo(live).filter((lane) => !yielding.includes(lane)),
    ...fields,
  };
}

const asks = (standings: Standing[], capacity: number, room = 0) =>
  planYields(standings, { capacity, room }).map(({ job, lanes }) => [job.id, lanes]);

describe('the fair share', () => {
  it('is the capacity divided by the jobs, at least one task, and all of it without jobs', () => {
    expect(fairShare(100, 3)).toBe(33);
    expect(fairShare(2, 5)).toBe(1);
    expect(fairShare(100, 0)).toBe(100);
  });
});

describe('jobs that have more than their share', () => {
  it('yield as many lanes as those with less are missing, the one with the most tasks first', () => {
    const small = standing('small', { live: 0, waiting: 1 });
    const jobs = [standing('a', { live: 4 }), standing('b', { live: 6 }), small];
    expect(asks(jobs, 10)).toEqual([['b', [0]]]);
  });

  it('are not asked while nobody waits, or while there is room', () => {
    expect(asks([standing('a', { live: 10 })], 10)).toEqual([]);
    const small = standing('small', { live: 0, waiting: 1 });
    expect(asks([standing('a', { live: 8 }), small], 10, 2)).toEqual([]);
  });

  it('are not asked again for what they were asked for, and for more with what they were', () => {
    const a = standing('a', { live: 10, yielding: [7] });
    expect(asks([a, standing('b', { live: 0, waiting: 1 })], 10)).toEqual([]);
    expect(asks([a, standing('b', { live: 0, waiting: 3 })], 10)).toEqual([['a', [7, 0, 1]]]);
  });

  it('keep their share, however much others want', () => {
    const jobs = [standing('a', { live: 10 }), standing('b', { live: 0, waiting: 200 })];
    const [first] = asks(jobs, 10);
    expect(first).toEqual(['a', [0, 1, 2, 3, 4]]);
  });
});

describe('lanes that take turns', () => {
  it('are a quarter of the job’s at most, whatever number of them waits', () => {
    expect(asks([standing('a', { live: 8, waiting: 1 })], 8)).toEqual([['a', [0]]]);
    expect(asks([standing('a', { live: 8, waiting: 99 })], 8)).toEqual([['a', [0, 1]]]);
  });

  it('are lanes of other jobs only where there are more jobs than tasks', () => {
    const jobs = [standing('a', { live: 1 }), standing('b', { live: 1 })];
    expect(asks([...jobs, standing('c', { live: 0, waiting: 1 })], 2)).toEqual([['a', [0]]]);
    expect(asks(jobs, 2)).toEqual([]);
  });
});

describe('whatever the jobs', () => {
  it('no job at its share or below is asked for the sake of others that could get theirs', () => {
    const job = fc.record({ live: fc.nat({ max: 9 }), waiting: fc.nat({ max: 9 }) });
    fc.assert(
      fc.property(
        fc.array(job, { minLength: 1, maxLength: 6 }),
        fc.nat({ max: 9 }),
        (drawn, more) => {
          const live = drawn.reduce((sum, one) => sum + one.live, 0);
          const capacity = Math.max(1, live, drawn.length) + more;
          const jobs = drawn.map((one, i) => standing(`J${i}`, one));
          const contending = drawn.filter((one) => one.live + one.waiting > 0).length;
          const share = fairShare(capacity, contending);
          const yields = new Map(
            planYields(jobs, { capacity, room: capacity - live }).map((ask) => [ask.job.id, ask]),
          );
          for (const one of jobs) {
            const asked = yields.get(one.job.id)?.lanes.length ?? 0;
            const own = Math.min(one.waiting, Math.ceil(one.live / 4));
            expect(one.live - asked).toBeGreaterThanOrEqual(Math.min(one.live, share) - own);
          }
          const missing = jobs.map((one) => Math.min(one.waiting, Math.max(0, share - one.live)));
          const freed = [...yields.values()].reduce((sum, { lanes }) => sum + lanes.length, 0);
          const needed = missing.reduce((sum, count) => sum + count, 0);
          expect(freed + capacity - live).toBeGreaterThanOrEqual(needed);
        },
      ),
    );
  });
});

describe('where a job stands', () => {
  const job: Job = exampleJob({ state: 'RUNNING', generation: 1 });
  const lanes = [3, 9].map((tasks, index) =>
    exampleLane([[index, 0n]], { index, tasks, taskId: `K${index}` }),
  );
  const tasks = new Map(
    lanes.map(({ index }) => [`K${index}`, exampleTask({ id: `K${index}`, lane: index })]),
  );

  it('tells the lanes that can be asked, those with the most tasks behind them first', () => {
    expect(standingOf(observe(job, { lanes, tasks }), [], [])).toMatchObject({
      live: 2,
      waiting: 0,
      askable: [1, 0],
    });
  });

  it('tells those that were asked since their task was made, and no longer those that have yielded', () => {
    const asked = (at: number) => ({ ...job, yielding: { at, lanes: [1] } });
    const { yielding, askable } = standingOf(observe(asked(NOW + 1), { lanes, tasks }), [], []);
    expect({ yielding, askable }).toEqual({ yielding: [1], askable: [0] });
    expect(standingOf(observe(asked(NOW), { lanes, tasks }), [], []).yielding).toEqual([]);
  });

  it('asks nothing of a job that does not run', () => {
    const paused = observe({ ...job, state: 'PAUSED' }, { lanes, tasks });
    expect(standingOf(paused, [], []).askable).toEqual([]);
  });
});
