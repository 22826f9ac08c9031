import { expect, it } from 'vitest';
import { asLoadFailure, FAILURE_CODES, FAILURES, LoadFailure } from '#shared/domain/failure.ts';

it.each(FAILURE_CODES)('%s is retryable as the list says', (code) => {
  expect(new LoadFailure(code, 'x').retryable).toBe(FAILURES[code].retryable);
});

it('a failure keeps its facts and what caused it', () => {
  const cause = new Error('underneath');
  const failure = new LoadFailure('KAFKA_ERROR', 'on top', { cause, facts: { partition: 3 } });
  expect(failure).toMatchObject({
    code: 'KAFKA_ERROR',
    message: 'on top',
    facts: { partition: 3 },
  });
  expect(failure.cause).toBe(cause);
});

it('any thrown value becomes a failure, and a failure stays itself', () => {
  const failure = new LoadFailure('KAFKA_ERROR', 'x');
  expect(asLoadFailure(failure)).toBe(failure);
  const cause = new TypeError('boom');
  expect(asLoadFailure(cause)).toMatchObject({ code: 'INTERNAL', cause });
  expect(asLoadFailure('a text').message).toBe('unexpected error: a text');
});
