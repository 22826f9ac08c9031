import { describe, expect, it } from 'vitest';
import { namedWork } from '../../../functions/loader/pipe-event.ts';

const record = (pk: string, sk: string, eventName = 'INSERT') => ({
  eventName,
  dynamodb: { Keys: { pk: { S: pk }, sk: { S: sk } } },
});

describe("a pipe's event", () => {
  it('names each task once, whatever the kind of change', () => {
    const event = [record('J1', 'K1'), record('J1', 'K1', 'MODIFY'), record('J1', 'K2', 'REMOVE')];
    expect(namedWork(event)).toEqual({
      tasks: [
        { jobId: 'J1', taskId: 'K1' },
        { jobId: 'J1', taskId: 'K2' },
      ],
      previews: [],
      unreadable: 0,
    });
  });

  it('F4: a poison record is counted and does not hold up the others', () => {
    const event = [{ nonsense: true }, null, record('J1', 'K1')];
    expect(namedWork(event)).toEqual({
      tasks: [{ jobId: 'J1', taskId: 'K1' }],
      previews: [],
      unreadable: 2,
    });
    expect(namedWork('nothing of the kind')).toEqual({ tasks: [], previews: [], unreadable: 1 });
  });

  it('names previews apart from tasks, by their keys alone', () => {
    const event = [
      record('PREVIEW#P1', 'PREVIEW'),
      record('J1', 'K1'),
      record('PREVIEW#P1', 'PREVIEW'),
    ];
    expect(namedWork(event)).toEqual({
      tasks: [{ jobId: 'J1', taskId: 'K1' }],
      previews: ['P1'],
      unreadable: 0,
    });
  });
});
