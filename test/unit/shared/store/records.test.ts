import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeHistory,
  decodeJob,
  encodeHistory,
  encodeJob,
  jobKey,
} from '#shared/store/job-record.ts';
import { decodeLane, encodeLane, laneKey } from '#shared/store/lane-record.ts';
import { marshall, unmarshall } from '#shared/store/marshall.ts';
import type { Item } from '#shared/store/tables.ts';
import { decodeTask, encodeNewTask, taskKey } from '#shared/store/task-record.ts';
import { anyEntry, anyJob, anyLane, anyTask } from '../../../support/store-arbitraries.ts';
import { exampleJob, exampleLane, exampleTask } from '../../../support/store-examples.ts';

/** The codecs of all records together: what is written comes back, and nothing else is accepted. */

/** As it comes back from DynamoDB. */
const there = (item: Item) => unmarshall(marshall(item));

describe('what is written comes back', () => {
  it('jobs', () => {
    fc.assert(
      fc.property(anyJob, (job) => {
        expect(decodeJob(there(encodeJob(job)))).toEqual(job);
      }),
    );
  });

  it('entries of a history', () => {
    fc.assert(
      fc.property(anyEntry, (entry) => {
        expect(decodeHistory(there(encodeHistory('1', entry)))).toEqual(entry);
      }),
    );
  });

  it('lanes, offsets of 64 bits exactly', () => {
    fc.assert(
      fc.property(anyLane, (lane) => {
        expect(decodeLane(there(encodeLane(lane)))).toEqual(lane);
      }),
    );
  });

  it('tasks with their decisions', () => {
    fc.assert(
      fc.property(anyTask, (task) => {
        expect(decodeTask(there(encodeNewTask(task)))).toEqual(task);
      }),
    );
  });
});

describe('a record', () => {
  const { job, entry } = exampleJob();
  const lane = exampleLane();
  const records: [string, Item, (item: Item) => unknown][] = [
    ['job', encodeJob(job), decodeJob],
    ['entry', encodeHistory(job.id, entry), decodeHistory],
    ['lane', encodeLane(lane), decodeLane],
    ['task', encodeNewTask(exampleTask(lane)), decodeTask],
  ];

  it.each(records)('of a %s with an unknown field is refused', (_kind, item, decode) => {
    expect(() => decode({ ...item, surprise: 1 })).toThrow('surprise');
  });

  it.each(records)('of a %s of another version is refused', (_kind, item, decode) => {
    expect(() => decode({ ...item, v: 2 })).toThrow();
  });

  it.each(records)('of a %s without a field that it needs is refused', (_kind, item, decode) => {
    for (const name of Object.keys(item)) {
      if (['activeShard', 'liveShard', 'dueAt', 'to', 'from', 'detail'].includes(name)) continue;
      const { [name]: _, ...rest } = item;
      expect(() => decode(rest), name).toThrow();
    }
  });

  it('of a job tells which lanes were asked to make room', () => {
    const asked = { ...job, yielding: { at: 5, lanes: [0, 3] } };
    expect(decodeJob(encodeJob(asked))).toEqual(asked);
  });

  it('of a job stands in the index of due jobs exactly while it has a time', () => {
    expect(encodeJob({ ...job, dueAt: 5 })).toMatchObject({ activeShard: expect.any(String) });
    expect(encodeJob({ ...job, dueAt: undefined })).not.toHaveProperty('activeShard');
  });

  it.each(['12.5', '1e3', '', '0x10', '99999999999999999999'])(
    'with the offset %j is refused',
    (offset) => {
      expect(() => decodeLane({ ...encodeLane(lane), next: { '0': offset } })).toThrow();
    },
  );
});

describe('keys', () => {
  it('sort lanes by generation, then by number', () => {
    const at = [
      [2, 10],
      [2, 9],
      [10, 0],
      [9, 9_999],
    ] as const;
    const sorted = at.map(([g, i]) => laneKey('1', g, i).sk).toSorted();
    expect(sorted).toEqual([
      laneKey('1', 2, 9).sk,
      laneKey('1', 2, 10).sk,
      laneKey('1', 9, 9_999).sk,
      laneKey('1', 10, 0).sk,
    ]);
  });

  it('keep a job with its lanes, and tasks under their job', () => {
    expect(laneKey('1', 1, 0).pk).toBe(jobKey('1').pk);
    expect(taskKey('1', 'T')).toEqual({ table: 'tasks', pk: '1', sk: 'T' });
  });
});
