import { expect, it } from 'vitest';
import { attemptLabel, extraRows, parseAttemptLabel, totalCounts } from '#shared/domain/task.ts';
import { newId } from '../../../support/store-examples.ts';

it('two attempts never share a label, and a label names its attempt', () => {
  const task = { jobId: newId(), id: newId() };
  const labels = [1, 2, 11].map((attempt) => attemptLabel(task, attempt));
  expect(new Set(labels).size).toBe(3);
  expect(parseAttemptLabel(labels[2] ?? '')).toEqual({
    jobId: task.jobId,
    taskId: task.id,
    attempt: 11,
  });
});

it('a label is short and plain enough for any sink', () => {
  expect(attemptLabel({ jobId: newId(), id: newId() }, 100)).toMatch(/^[A-Za-z0-9_]{1,128}$/);
});

it.each(['', 'rl_', 'rl_a_b', 'rl_a_b_x', 'rl_a_b_1_2', 'other_a_b_1', 'rl_a_b_1\n'])(
  '%j is not a label of ours',
  (text) => {
    expect(parseAttemptLabel(text)).toBeUndefined();
  },
);

it('counts are summed over all partitions', () => {
  const counts = new Map([
    [0, { rows: 1, rejected: 2, skipped: 3, filtered: 0 }],
    [7, { rows: 10, rejected: 20, skipped: 30, filtered: 0 }],
  ]);
  expect(totalCounts(counts)).toEqual({ rows: 11, rejected: 22, skipped: 33, filtered: 0 });
  expect(totalCounts(new Map())).toEqual({ rows: 0, rejected: 0, skipped: 0, filtered: 0 });
});

it.each([
  [undefined, 0],
  [30, 19],
  [4, -7],
])('11 records that made %s rows made %i beyond one each', (elements, extra) => {
  const counts = new Map([
    [0, { rows: 1, rejected: 2, skipped: 3, filtered: 0 }],
    [7, { rows: 10, rejected: 20, skipped: 30, filtered: 0 }],
  ]);
  expect(extraRows({ counts, elements })).toBe(extra);
});
