import { describe, expect, it } from 'vitest';
import { isAbandoned } from '../../../functions/loader/is-abandoned.ts';
import { exampleDecision, exampleTask } from '../../support/planning-examples.ts';

describe('what an attempt has prepared', () => {
  it('is abandoned when the attempt did not decide and cannot any more', () => {
    expect(isAbandoned(undefined, 1)).toBe(true);
    expect(isAbandoned(exampleTask({ status: 'RUNNING', attempt: 2 }), 1)).toBe(true);
    expect(isAbandoned(exampleTask({ status: 'PENDING', attempt: 1 }), 1)).toBe(true);
    expect(isAbandoned(exampleTask({ status: 'CANCELLED', attempt: 1 }), 1)).toBe(true);
    const decision = exampleDecision({ attempt: 1 });
    expect(isAbandoned(exampleTask({ status: 'CANCELLED', attempt: 1, decision }), 1)).toBe(true);
  });

  it('is abandoned when its task is done, whoever decided', () => {
    const decision = exampleDecision({ attempt: 1 });
    expect(isAbandoned(exampleTask({ status: 'DONE', attempt: 1, decision }), 1)).toBe(true);
  });

  it('is left alone while the attempt runs, when it decided, and when it is evidence', () => {
    const decision = exampleDecision({ attempt: 1 });
    expect(isAbandoned(exampleTask({ status: 'RUNNING', attempt: 1 }), 1)).toBe(false);
    expect(isAbandoned(exampleTask({ status: 'PENDING', attempt: 1, decision }), 1)).toBe(false);
    expect(isAbandoned(exampleTask({ status: 'RUNNING', attempt: 3, decision }), 1)).toBe(false);
    expect(isAbandoned(exampleTask({ status: 'IN_DOUBT', attempt: 2 }), 1)).toBe(false);
  });
});
