import { grouped } from '../../cli/figures.ts';
import { plainTable } from '../../infra/local/demo/figures.ts';
import { FAULT_KINDS, FAULTS } from './command-line.ts';
import { type Findings, isFlawless } from './findings.ts';
import type { Injection } from './injector.ts';

/** What was done and what it came to, for people. */
export function reportLines(
  { done, struck }: Pick<Injection, 'done' | 'struck'>,
  findings: Findings,
): string[] {
  const { tables, stuck, orphans, unproven, evidence, pauses, wrongPauses } = findings;
  const sum = (pick: (table: Findings['tables'][number]) => number) =>
    tables.reduce((total, table) => total + pick(table), 0);
  return [
    ...plainTable([
      ['fault', 'done'],
      ...FAULT_KINDS.map((kind) => [FAULTS[kind].words, grouped(done[kind])]),
      ...[...struck].sort().map(([words, count]) => [`  ${words}`, grouped(count)]),
    ]),
    '',
    ...plainTable([
      ['table', 'records', 'rows', 'files', 'lost', 'doubled', 'different'],
      ...tables.map(({ name, records, rows, files, missing, doubled, different }) => [
        name,
        ...[records, rows, files, missing, doubled, different].map(grouped),
      ]),
    ]),
    '',
    `tasks ${grouped(evidence.tasks)}, of which ${grouped(evidence.tasksAgain)} took several attempts; ` +
      `loaders turned away from tasks of others ${evidence.turnedAway}, leftovers swept ${evidence.swept}, labels aborted ${evidence.aborted}`,
    ...(pauses.size > 0
      ? [`pauses: ${[...pauses].map(([code, count]) => `${code} ${count}`).join(', ')}`]
      : []),
    `rows ${grouped(sum(({ rows }) => rows))}, lost ${sum((t) => t.missing)}, doubled ${sum((t) => t.doubled)}, ` +
      `different ${sum((t) => t.different)}, stuck ${stuck.length}, orphans ${orphans.length}, unproven ${unproven.length}`,
    ...[
      ...tables.flatMap(({ name, examples }) => examples.map((example) => `${name}: ${example}`)),
      ...stuck.map((words) => `stuck: ${words}`),
      ...orphans.map((file) => `orphan: ${file}`),
      ...unproven.map((words) => `unproven: ${words}`),
      ...wrongPauses.map((words) => `paused for a person: ${words}`),
    ].map((line) => `  ${line}`),
    isFlawless(findings)
      ? 'flawless: every record is in its table exactly once, and nothing is stuck or left over'
      : 'FLAWED: see above',
  ];
}
