import { describe, expect, it } from 'vitest';
import type { LostLetters } from '#shared/domain/bad-offsets.ts';
import { historyOfEnd } from '#shared/domain/task-history.ts';
import { exampleDecision, exampleTask, NOW } from '../../../support/planning-examples.ts';

const redrive = { request: 'R1', letters: [{ taskId: 'K0' }] };

function told(lost: LostLetters | undefined) {
  const decision = { ...exampleDecision(), lost };
  const task = exampleTask({ redrive, decision });
  const [entry] = historyOfEnd(task, decision, { now: NOW, newId: () => 'H1' });
  return entry;
}

describe('the end of a redrive', () => {
  it('tells how many dead letters can never be loaded, and why', () => {
    const entry = told({ notListed: 3, notKept: 0, gone: 2 });
    expect(entry?.reason.message).toMatch(
      /; never to be loaded: 3 that the destination did not name, 2 that the topic has no more$/,
    );
    expect(entry?.detail?.lost).toEqual({ notListed: 3, notKept: 0, gone: 2 });
    expect(told({ notListed: 0, notKept: 7, gone: 0 })?.reason.message).toMatch(
      /; never to be loaded: 7 that were too many to remember$/,
    );
  });

  it('is silent about it where all could be loaded', () => {
    expect(told(undefined)?.reason.message).toMatch(/rejected once more$/);
  });
});
