import { describe, expect, it } from 'vitest';
import { mayBegin } from '#shared/domain/may-begin.ts';
import { type DeadLetters, nextToRedrive, sliceOfLetters } from '#shared/domain/redrive.ts';
import { exampleJob, exampleTask } from '../../../support/planning-examples.ts';

function letters(taskId: string, fields: Partial<DeadLetters> = {}): DeadLetters {
  const slice = new Map([[0, { from: 0n, to: 10n }]]);
  return { jobId: 'J1', taskId, location: taskId, rows: 10, bytes: 100, slice, at: 0, ...fields };
}

const BATCH = { maxRows: 25, maxBytes: 1_000 };

describe('the next task of a redrive', () => {
  it('takes what fits one batch, by rows, bytes and partitions, from the oldest on', () => {
    const open = ['A', 'B', 'C'].map((id) => letters(id));
    expect(nextToRedrive(open, BATCH).map(({ taskId }) => taskId)).toEqual(['A', 'B']);
    expect(nextToRedrive(open, { ...BATCH, maxBytes: 150 })).toHaveLength(1);
    const wide = new Map(Array.from({ length: 600 }, (_, p) => [p, { from: 0n, to: 1n }]));
    const wider = ['A', 'B'].map((id) => letters(id, { slice: wide }));
    expect(nextToRedrive(wider, BATCH)).toHaveLength(1);
  });

  it('takes those of one task, however many they are, and of fifty tasks at most', () => {
    expect(nextToRedrive([letters('A', { rows: 1_000 })], BATCH)).toHaveLength(1);
    const many = Array.from({ length: 60 }, (_, i) => letters(`${i}`, { rows: 0 }));
    expect(nextToRedrive(many, { maxRows: 1e9, maxBytes: 1e9 })).toHaveLength(50);
  });

  it('says from where to where its rows come', () => {
    const other = letters('B', { slice: new Map([[0, { from: 5n, to: 30n }]]) });
    expect(sliceOfLetters([letters('A'), other])).toEqual(new Map([[0, { from: 0n, to: 30n }]]));
  });
});

describe('a task without a decision may begin', () => {
  const running = exampleJob({ state: 'RUNNING', generation: 1 });
  const redrive = { request: 'R1', letters: [] };

  it('while its job runs in its generation', () => {
    expect(mayBegin(running, exampleTask())).toBe(true);
    expect(mayBegin({ ...running, generation: 2 }, exampleTask())).toBe(false);
    expect(mayBegin({ ...running, state: 'PAUSED' }, exampleTask())).toBe(false);
  });

  it('with dead letters in a completed job, too, but nothing else', () => {
    const completed = exampleJob({
      ...{ state: 'COMPLETED', generation: 1 },
      redrive: { id: 'R1', upTo: 'Z', at: 0 },
    });
    expect(mayBegin(completed, exampleTask({ redrive }))).toBe(true);
    expect(mayBegin(completed, exampleTask())).toBe(false);
    expect(mayBegin({ ...completed, redrive: undefined }, exampleTask({ redrive }))).toBe(false);
    expect(mayBegin({ ...completed, state: 'STOPPED' }, exampleTask({ redrive }))).toBe(false);
  });

  it('with dead letters only while the request for them stands', () => {
    const asked = { ...running, redrive: { id: 'R1', upTo: 'Z', at: 0 } };
    expect(mayBegin(asked, exampleTask({ redrive }))).toBe(true);
    expect(
      mayBegin({ ...asked, redrive: { id: 'R2', upTo: 'Z', at: 0 } }, exampleTask({ redrive })),
    ).toBe(false);
    expect(mayBegin(running, exampleTask({ redrive }))).toBe(false);
  });
});
