import { describe, expect, it } from 'vitest';
import type { Action } from '../../../functions/scheduler/observed.ts';
import { plan } from '../../../functions/scheduler/plan.ts';
import {
  exampleJob,
  exampleLane,
  exampleLog,
  NOW,
  observe,
  SETTINGS,
} from '../../support/planning-examples.ts';

const only = <K extends Action['kind']>(actions: Action[], kind: K) => {
  expect(actions.map((action) => action.kind)).toEqual([kind]);
  return actions[0] as Extract<Action, { kind: K }>;
};

describe('a job that needs scheduling', () => {
  it('is divided over min(partitions, desired, alive workers) lanes', () => {
    const job = exampleJob({}, {}, { desiredConcurrency: 3 });
    const source = exampleLog([0n, 5n], [0n, 5n]);
    const divide = (aliveWorkers?: number) =>
      only(plan(observe(job, { source, aliveWorkers }), SETTINGS, NOW), 'divide').lanes.length;

    expect(divide()).toBe(2);
    expect(divide(1)).toBe(1);
  });

  it('gives partitions 1, 4 and 6 to two lanes as {1, 6} and {4}', () => {
    const job = exampleJob({}, { partitions: [1, 4, 6] }, { desiredConcurrency: 2 });
    const log = exampleLog(...Array.from({ length: 7 }, (): [bigint, bigint] => [0n, 9n]));
    const { lanes } = only(plan(observe(job, { source: log }), SETTINGS, NOW), 'divide');

    expect(lanes.map((lane) => [...lane.next.keys()])).toEqual([[1, 6], [4]]);
  });

  it('starts where its start offsets say, and partitions that a list omits at their beginning', () => {
    const starts = (startOffsets: object | string) => {
      const job = exampleJob({}, { startOffsets: startOffsets as 'latest' });
      const source = {
        ...exampleLog([3n, 9n], [4n, 8n]),
        at: new Map([
          [
            1000,
            new Map([
              [0, 5n],
              [1, 6n],
            ]),
          ],
        ]),
      };
      const { lanes } = only(plan(observe(job, { source }), SETTINGS, NOW), 'divide');
      return lanes.flatMap((lane) => [...lane.next.values()]);
    };

    expect(starts('latest')).toEqual([9n, 8n]);
    expect(starts('earliest')).toEqual([3n, 4n]);
    expect(starts({ timestamp: '1970-01-01T00:00:01Z' })).toEqual([5n, 6n]);
    expect(starts({ 0: '7' })).toEqual([7n, 4n]);
  });

  it('goes on where its lanes stand, and starts a later partition at its beginning', () => {
    const job = exampleJob({ generation: 1, topicId: 'topic-1' }, { startOffsets: 'latest' });
    const lanes = [exampleLane([[0, 5n]])];
    const source = exampleLog([0n, 9n], [2n, 8n]);
    const divide = only(plan(observe(job, { source, lanes }), SETTINGS, NOW), 'divide');

    expect(divide.lanes.map((lane) => [...lane.next])).toEqual([[[0, 5n]], [[1, 2n]]]);
  });

  it('moves to where the user sends it', () => {
    const lanes = [
      exampleLane([
        [0, 5n],
        [1, 6n],
      ]),
    ];
    const source = exampleLog([0n, 9n], [0n, 8n]);
    const divideFrom = (topicId: string) => {
      const job = exampleJob({ generation: 1, topicId, seek: { 0: '2' } });
      const divide = only(plan(observe(job, { source, lanes }), SETTINGS, NOW), 'divide');
      expect(divide.topicId).toBe('topic-1');
      return divide.lanes.map((lane) => [...lane.next]);
    };

    expect(divideFrom('topic-1')).toEqual([[[0, 2n]], [[1, 6n]]]);
    // In a topic that was created anew the old offsets mean nothing: all its records are new.
    expect(divideFrom('topic-0')).toEqual([[[0, 2n]], [[1, 0n]]]);
  });

  it('F26: waits for a broker that knows all partitions that the job has loaded from', () => {
    for (const partitions of [undefined, [0, 1]]) {
      const job = exampleJob({ generation: 1 }, partitions ? { partitions } : {});
      const lanes = [exampleLane([[0, 5n]]), exampleLane([[1, 6n]], { index: 1 })];
      const actions = plan(observe(job, { source: exampleLog([0n, 9n]), lanes }), SETTINGS, NOW);

      expect(only(actions, 'note').note?.code).toBe('KAFKA_ERROR');
    }
  });

  it('hands on where loading began, except where the user or a policy moved it or the topic is another', () => {
    const begun = (offset: bigint) => ({ offset, generation: 1, at: NOW });
    const lane = exampleLane(
      [
        [0, 5n],
        [1, 2n],
        [2, 7n],
      ],
      {
        start: new Map([
          [0, begun(1n)],
          [1, begun(0n)],
          [2, begun(6n)],
        ]),
      },
    );
    const source = exampleLog([0n, 9n], [4n, 8n], [0n, 9n], [0n, 3n]);
    const policies = { policies: { offsetOutOfRange: 'earliest' } };
    const divideOf = (topicId: string) => {
      const job = exampleJob({ generation: 1, topicId, seek: { 2: '3' } }, {}, policies);
      return only(plan(observe(job, { source, lanes: [lane] }), SETTINGS, NOW), 'divide');
    };

    const { lanes, jumps } = divideOf('topic-1');
    expect(lanes.flatMap(({ kept }) => [...kept])).toEqual([[0, begun(1n)]]);
    expect(jumps).toEqual([
      { partition: 1, from: '2', to: '4', by: 'policy' },
      { partition: 2, from: '7', to: '3', by: 'seek' },
    ]);
    expect(divideOf('topic-0').lanes.flatMap(({ kept }) => [...kept])).toEqual([]);
  });

  it('F22: hands on the epochs of partitions that go on, and of no others', () => {
    const epochs = new Map([0, 1, 2, 3].map((partition) => [partition, 7]));
    const standing: [number, bigint][] = [
      [0, 5n],
      [1, 2n],
      [2, 7n],
      [3, 6n],
    ];
    const lane = exampleLane(standing, { epochs });
    // 1 is behind its log, 2 is sent elsewhere, 3 to where it stands, 4 is new.
    const source = exampleLog([0n, 9n], [4n, 8n], [0n, 9n], [0n, 9n], [0n, 3n]);
    const policies = { policies: { offsetOutOfRange: 'earliest' } };
    const epochsFor = (topicId: string) => {
      const job = exampleJob({ generation: 1, topicId, seek: { 2: '3', 3: '6' } }, {}, policies);
      const observed = observe(job, { source, lanes: [lane] });
      const { lanes } = only(plan(observed, SETTINGS, NOW), 'divide');
      return lanes.map((draft) => draft.epochs);
    };

    const [first, ...others] = epochsFor('topic-1');
    expect(first).toEqual(new Map([[0, 7]]));
    expect([...others, ...epochsFor('topic-0')].filter(Boolean)).toEqual([]);
  });

  it('carries the statistics of the lanes that end', () => {
    const counts = { rows: 1, bytes: 2, rejected: 3, skipped: 4, filtered: 0, tasks: 5 };
    const job = exampleJob({ generation: 1, totals: { ...counts, extraRows: 7 } });
    const lanes = [
      exampleLane([[0, 5n]], {
        rows: 10,
        extraRows: -2,
        bytes: 20,
        rejected: 30,
        skipped: 40,
        filtered: 0,
        tasks: 50,
      }),
    ];
    const source = exampleLog([0n, 9n]);

    const divide = only(plan(observe(job, { source, lanes }), SETTINGS, NOW), 'divide');
    expect(divide.totals).toEqual({
      rows: 11,
      extraRows: 5,
      bytes: 22,
      rejected: 33,
      skipped: 44,
      filtered: 0,
      tasks: 55,
    });
  });

  it('waits for tasks of its old lanes', () => {
    const job = exampleJob({ generation: 1 });
    const lanes = [exampleLane([[0, 5n]], { taskId: 'K1' })];
    expect(plan(observe(job, { source: exampleLog([0n, 9n]), lanes }), SETTINGS, NOW)).toEqual([]);
  });

  it('is skipped with a reason when it does not fit the capacity, and is told once', () => {
    const job = exampleJob({}, {}, { desiredConcurrency: 8 });
    const source = exampleLog(...Array.from({ length: 8 }, (): [bigint, bigint] => [0n, 1n]));
    const observed = observe(job, { source, room: 7, capacity: 10 });
    const { note } = only(plan(observed, SETTINGS, NOW), 'note');

    expect(note?.message).toBe("needs 8 tasks, 7 of the installation's 10 are free");
    expect(plan({ ...observed, job: { ...job, note } }, SETTINGS, NOW + 60_000)).toEqual([]);
  });

  it('begins with less than all its tasks where its fair share is less', () => {
    const job = exampleJob({}, {}, { desiredConcurrency: 8 });
    const source = exampleLog(...Array.from({ length: 8 }, (): [bigint, bigint] => [0n, 1n]));
    const kinds = (room: number) =>
      plan(observe(job, { source, room, capacity: 10, share: 3 }), SETTINGS, NOW).map(
        ({ kind }) => kind,
      );
    expect(kinds(3)).toEqual(['divide']);
    expect(kinds(2)).toEqual(['note']);
  });

  it('says that it never fits when it needs more than there is', () => {
    const job = exampleJob({}, {}, { desiredConcurrency: 8 });
    const source = exampleLog(...Array.from({ length: 8 }, (): [bigint, bigint] => [0n, 1n]));
    const { note } = only(
      plan(observe(job, { source, room: 4, capacity: 4 }), SETTINGS, NOW),
      'note',
    );
    expect(note?.message).toContain('it never fits');
  });

  it('is CANCELLED when its topic does not exist, but only PAUSED once it has loaded something', () => {
    const source = { ...exampleLog(), topic: undefined };
    const change = (generation: number) =>
      only(plan(observe(exampleJob({ generation }), { source }), SETTINGS, NOW), 'change-state');

    expect(change(0)).toMatchObject({ to: 'CANCELLED', code: 'TOPIC_NOT_FOUND' });
    expect(change(1)).toMatchObject({ to: 'PAUSED', code: 'TOPIC_NOT_FOUND' });
  });

  it('F23, F26: pauses for a topic that was recreated, for a partition that is not there, for an offset outside of the log', () => {
    const source = exampleLog([5n, 9n]);
    const pause = (job: ReturnType<typeof exampleJob>) =>
      only(plan(observe(job, { source }), SETTINGS, NOW), 'change-state');

    expect(pause(exampleJob({ generation: 1, topicId: 'older' })).code).toBe('TOPIC_RECREATED');
    expect(pause(exampleJob({}, { partitions: [0, 3] })).code).toBe('PARTITION_NOT_FOUND');
    expect(pause(exampleJob({}, { startOffsets: { 0: '4' } })).message).toContain(
      '1 offsets are gone',
    );
    expect(pause(exampleJob({}, { startOffsets: { 0: '10' } })).message).toContain(
      'the log ends at 9',
    );
  });

  it('applies its policy to an offset outside of the log, and writes the jump down', () => {
    const job = exampleJob(
      {},
      { startOffsets: { 0: '4' } },
      { policies: { offsetOutOfRange: 'latest' } },
    );
    const divide = only(
      plan(observe(job, { source: exampleLog([5n, 9n]) }), SETTINGS, NOW),
      'divide',
    );

    expect(divide.lanes[0]?.next.get(0)).toBe(9n);
    expect(divide.jumps).toEqual([{ partition: 0, from: '4', to: '9', by: 'policy' }]);
  });

  it('keeps the ends of a bounded job, and ignores partitions that come later', () => {
    const job = exampleJob({ generation: 1, topicId: 'topic-1' }, { endOffsets: 'latest' });
    const lanes = [exampleLane([[0, 5n]], { until: new Map([[0, 7n]]) })];
    const source = exampleLog([0n, 9n], [0n, 9n]);
    const divide = only(plan(observe(job, { source, lanes }), SETTINGS, NOW), 'divide');

    expect(divide.lanes.map((lane) => [...(lane.until ?? [])])).toEqual([[[0, 7n]]]);
  });

  it('gives a bounded job new ends and partitions when its user lets it load the topic that took the place of its own', () => {
    const job = exampleJob(
      { generation: 1, topicId: 'older', seek: 'earliest' },
      { endOffsets: 'latest' },
    );
    const lanes = [exampleLane([[0, 2n]], { until: new Map([[0, 9n]]) })];
    const source = exampleLog([0n, 3n], [0n, 1n]);
    const { lanes: divided } = only(plan(observe(job, { source, lanes }), SETTINGS, NOW), 'divide');

    const until = divided.flatMap((lane) => [...(lane.until ?? [])]);
    expect(new Map(until)).toEqual(
      new Map([
        [0, 3n],
        [1, 1n],
      ]),
    );
  });
});
