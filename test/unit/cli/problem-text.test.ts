import { expect, it } from 'vitest';
import { Refused } from '../../../cli/problem-text.ts';

const problem = {
  title: 'The request is faulty',
  detail: '3 faults, see errors',
  code: 'INVALID_REQUEST',
};

it('a problem is told with all its faults and their places', () => {
  const errors = [
    { pointer: '/name', detail: 'is required' },
    { pointer: '', detail: 'must be an object' },
    { header: 'Idempotency-Key', detail: 'must be printable' },
    { parameter: 'limit', detail: 'must be\n\x1b[2J a number' },
  ];
  const refused = new Refused(400, JSON.stringify({ ...problem, errors, requestId: 'R1' }));
  expect(refused.message.split('\n')).toEqual([
    'The request is faulty: 3 faults, see errors',
    '  /name is required',
    '  must be an object',
    '  Idempotency-Key must be printable',
    '  limit must be [2J a number',
  ]);
  expect(refused).toMatchObject({ code: 'INVALID_REQUEST', isOfInstallation: false });
});

it('who is at fault is told by the status: then a request has its id for those who run the installation', () => {
  const refused = new Refused(503, JSON.stringify({ ...problem, requestId: 'R1' }));
  expect(refused.message).toMatch(/\n {2}request R1$/);
  expect([400, 404, 409, 422].map((status) => new Refused(status, '').isOfInstallation)).toEqual(
    Array(4).fill(false),
  );
  expect(
    [401, 403, 429, 500, 502].map((status) => new Refused(status, '').isOfInstallation),
  ).toEqual(Array(5).fill(true));
});

it.each([
  [403, '{"message":"Forbidden"}', 'the installation refuses these credentials (403): Forbidden'],
  [
    403,
    '{"Message":"User: x is not authorized"}',
    'the installation refuses these credentials (403): User: x is not authorized',
  ],
  [502, '', 'the installation answered with 502'],
  [500, '<html>\n', 'the installation answered with 500: <html> '],
])('%i with %j is an answer of what stands before the API', (status, body, text) => {
  expect(new Refused(status, body)).toMatchObject({ message: text, code: undefined });
});
