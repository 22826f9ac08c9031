import { describe, expect, it } from 'vitest';
import { FAILURE_CODES, FAILURES } from '#shared/domain/failure.ts';
import {
  assertLegalChange,
  FINAL_STATES,
  IllegalStateChange,
  isFinal,
  JOB_STATES,
  type JobState,
  REASON_CODES,
  resumesByItself,
} from '#shared/domain/job-state.ts';

/** Written out once more, so that a change of the table has to be meant. */
const LEGAL = new Set([
  'NEED_SCHEDULE -> RUNNING',
  'NEED_SCHEDULE -> PAUSED',
  'NEED_SCHEDULE -> CANCELLED',
  'NEED_SCHEDULE -> STOPPED',
  'RUNNING -> NEED_SCHEDULE',
  'RUNNING -> PAUSED',
  'RUNNING -> STOPPED',
  'RUNNING -> COMPLETED',
  'PAUSED -> NEED_SCHEDULE',
  'PAUSED -> STOPPED',
]);

const changes = JOB_STATES.flatMap((from) => JOB_STATES.map((to) => [from, to] as const));
const isLegal = ([from, to]: readonly [JobState, JobState]) => LEGAL.has(`${from} -> ${to}`);

describe('a change of state', () => {
  it.each(changes.filter(isLegal))('from %s to %s is legal', (from, to) => {
    expect(() => assertLegalChange(from, to)).not.toThrow();
  });

  it.each(changes.filter((change) => !isLegal(change)))(
    'from %s to %s is refused with both named',
    (from, to) => {
      let error: unknown;
      try {
        assertLegalChange(from, to);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(IllegalStateChange);
      expect(error).toMatchObject({ name: 'IllegalStateChange', from, to });
      expect(String(error)).toContain(`a job that is ${from} cannot become ${to}`);
    },
  );

  it('that is refused says what is allowed', () => {
    expect(() => assertLegalChange('PAUSED', 'RUNNING')).toThrow('allowed: NEED_SCHEDULE, STOPPED');
    expect(() => assertLegalChange('STOPPED', 'RUNNING')).toThrow('STOPPED is final');
  });
});

describe('a final state', () => {
  it.each(JOB_STATES)('%s is final exactly when nothing follows it', (state) => {
    const follows = changes.some((change) => change[0] === state && isLegal(change));
    expect(isFinal(state)).toBe(!follows);
    expect((FINAL_STATES as readonly string[]).includes(state)).toBe(!follows);
  });
});

describe('a pause', () => {
  it.each(FAILURE_CODES)('for %s resumes by itself as the list of failures says', (code) => {
    expect(resumesByItself(code)).toBe(FAILURES[code].resumes === 'auto');
  });

  it('for no failure waits for a person', () => {
    const ordinary = REASON_CODES.filter((code) => !(code in FAILURES));
    expect(ordinary).toContain('PAUSED_BY_USER');
    expect(ordinary.filter(resumesByItself)).toEqual([]);
  });
});
