import { describe, expect, it } from 'vitest';
import { FAULT_KINDS, type FaultCounts } from '../../chaos/command-line.ts';
import { type Findings, isFlawless } from '../../chaos/findings.ts';
import { reportLines } from '../../chaos/report.ts';

const done = {
  done: Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 3])) as FaultCounts,
  struck: new Map([['s3: 500', 2]]),
};

const exact: Findings['tables'][number] = {
  name: 'orders',
  files: 2,
  fileBytes: 100,
  records: 10,
  rows: 10,
  missing: 0,
  doubled: 0,
  different: 0,
  filtered: 0,
  counted: { filtered: 0, rejected: 0 },
  examples: [],
};

const flawless: Findings = {
  tables: [exact],
  stuck: [],
  orphans: [],
  unproven: [],
  evidence: { tasks: 5, tasksAgain: 1, turnedAway: 1, swept: 0, aborted: 0 },
  pauses: new Map([['BROKER_UNREACHABLE', 2]]),
  wrongPauses: [],
};

describe('the report of a chaos run', () => {
  it('says what was done, and that nothing is wrong where nothing is', () => {
    const lines = reportLines(done, flawless);
    expect(lines[1]).toMatch(/^loaders killed \(SIGKILL\) +3$/);
    expect(lines.join('\n')).toMatch(/^ {2}s3: 500 +2$/m);
    expect(lines).toContain('pauses: BROKER_UNREACHABLE 2');
    expect(lines.slice(-2)).toEqual([
      'rows 10, lost 0, doubled 0, different 0, stuck 0, orphans 0, unproven 0',
      'flawless: every record is in its table exactly once, and nothing is stuck or left over',
    ]);
  });

  it.each<[string, Partial<Findings>, string]>([
    ['lost', { tables: [{ ...exact, missing: 1, rows: 9, examples: ['offset 3'] }] }, 'offset 3'],
    [
      'doubled',
      { tables: [{ ...exact, doubled: 1, rows: 11, examples: ['offset 4'] }] },
      'offset 4',
    ],
    ['stuck', { stuck: ['orders is PAUSED'] }, 'stuck: orders is PAUSED'],
    ['left over', { orphans: ['orders/_staging/x'] }, 'orphan: orders/_staging/x'],
    ['unproven', { unproven: ['orders: gap'] }, 'unproven: orders: gap'],
    ['paused for a person', { wrongPauses: ['orders: INTERNAL'] }, 'paused for a person: orders'],
  ])('names what is %s', (_, fault, words) => {
    const findings = { ...flawless, ...fault };
    expect(isFlawless(findings)).toBe(false);
    const lines = reportLines(done, findings);
    expect(lines.at(-1)).toBe('FLAWED: see above');
    expect(lines.join('\n')).toContain(words);
  });
});
