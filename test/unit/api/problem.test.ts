import { expect, test } from 'vitest';
import {
  ApiProblem,
  invalidRequest,
  PROBLEM_CODES,
  PROBLEMS,
} from '../../../functions/api/problem.ts';
import { problemView, viewProblem } from '../../../functions/api/views/problem-view.ts';

test.each(PROBLEM_CODES)('%s makes problem details that fit their own schema', (code) => {
  const view = viewProblem(new ApiProblem(code, 'why'), { path: '/jobs', requestId: 'r' });

  expect(problemView.parse(view)).toEqual({
    type: `urn:problem-type:routine-load:${code.toLowerCase().replaceAll('_', '-')}`,
    title: PROBLEMS[code].title,
    status: PROBLEMS[code].status,
    detail: 'why',
    instance: '/jobs',
    code,
    requestId: 'r',
  });
});

test('the fields come in the order of RFC 9457, the extensions after them', () => {
  const problem = invalidRequest([{ pointer: '/name', detail: 'is required' }]);
  const view = problemView.parse(viewProblem(problem, { path: '/jobs', requestId: 'r' }));

  expect(Object.keys(view).slice(0, 7)).toEqual([
    'type',
    'title',
    'status',
    'detail',
    'instance',
    'code',
    'errors',
  ]);
});

test('a single fault is counted as one', () => {
  expect(invalidRequest([{ pointer: '', detail: 'is required' }]).message).toBe(
    '1 fault, see errors',
  );
});
