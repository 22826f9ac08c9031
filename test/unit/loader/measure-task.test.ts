import { expect, it } from 'vitest';
import { measureFailure, measureTask } from '../../../functions/loader/measure-task.ts';
import { exampleDecision, exampleJob, exampleTask, NOW } from '../../support/planning-examples.ts';

const attempt = { job: exampleJob(), task: exampleTask() };
const about = { jobId: 'J1', job: 'flights', taskId: 'K1' };
const clock = { now: () => NOW, sleep: async () => undefined };

/** A meter that keeps what it is told, and spending that grows with each question. */
function measuring() {
  const written: unknown[] = [];
  let asked = 0;
  return {
    written,
    deps: {
      clock,
      meter: (...line: unknown[]) => void written.push(line),
      spent: () => {
        asked += 1;
        return { gbSeconds: 1.5 * asked, calls: 5, readUnits: 3, writeUnits: 7 };
      },
    },
  };
}

it('a task is measured with what it loaded and what that cost', () => {
  const { written, deps } = measuring();
  const counts = new Map([[0, { rows: 8, filtered: 0, rejected: 2, skipped: 0 }]]);
  const decision = exampleDecision({
    statistics: { counts, bytes: 640, writtenBytes: 700, badRows: [], policies: [] },
  });

  measureTask(deps, attempt, { decision, times: { began: NOW - 900, commitMs: 30 } });

  expect(written).toEqual([
    [
      {
        TasksDone: 1,
        Rows: 8,
        Bytes: 640,
        RowsRejected: 2,
        TaskMs: 900,
        CommitMs: 30,
        TaskGbSeconds: 1.5,
        TaskReadUnits: 3,
        TaskWriteUnits: 7,
      },
      about,
    ],
  ]);
});

it('a failed attempt costs its job, too', () => {
  const { written, deps } = measuring();

  measureFailure(deps, attempt);

  expect(written).toEqual([
    [{ TasksFailed: 1, TaskGbSeconds: 1.5, TaskReadUnits: 3, TaskWriteUnits: 7 }, about],
  ]);
});
