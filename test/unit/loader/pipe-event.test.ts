import { describe, expect, it } from 'vitest';
import { namedTasks } from '../../../functions/loader/pipe-event.ts';

const record = (pk: string, sk: string, eventName = 'INSERT') => ({
  eventName,
  dynamodb: { Keys: { pk: { S: pk }, sk: { S: sk } } },
});

describe("a pipe's event", () => {
  it('names each task once, whatever the kind of change', () => {
    const event = [record('J1', 'K1'), record('J1', 'K1', 'MODIFY'), record('J1', 'K2', 'REMOVE')];
    expect(namedTasks(event)).toEqual({
      tasks: [
        { jobId: 'J1', taskId: 'K1' },
        { jobId: 'J1', taskId: 'K2' },
      ],
      unreadable: 0,
    });
  });

  it('F4: a poison record is counted and does not hold up the others', () => {
    const event = [{ nonsense: true }, null, record('J1', 'K1')];
    expect(namedTasks(event)).toEqual({ tasks: [{ jobId: 'J1', taskId: 'K1' }], unreadable: 2 });
    expect(namedTasks('nothing of the kind')).toEqual({ tasks: [], unreadable: 1 });
  });
});
