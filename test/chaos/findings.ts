import { readFile } from 'node:fs/promises';
import { FAILURES } from '#shared/domain/failure.ts';
import type { TableReport } from '../../infra/local/demo/verify.ts';
import type { ApiClient, ShownEntry } from './api-client.ts';
import type { ChaosTable } from './topics.ts';

/** That the faults met somebody at work. */
export interface Evidence {
  readonly tasks: number;
  /** Tasks that took more than one attempt. */
  readonly tasksAgain: number;
  /** Attempts that found that their task was another's by then. */
  readonly turnedAway: number;
  /** Leftovers of dead attempts that were found and removed. */
  readonly swept: number;
  /** Labels of dead attempts that were aborted where nothing can be found. */
  readonly aborted: number;
}

/** What a run found at its end. */
export interface Findings {
  readonly tables: readonly TableReport[];
  /** Jobs that did not load everything in time, in words. */
  readonly stuck: readonly string[];
  /** What attempts left prepared: staged files, open uploads, transactions. In words. */
  readonly orphans: readonly string[];
  /** Proofs of completeness that failed, in words. */
  readonly unproven: readonly string[];
  /** Pauses by reason, other than the user's. */
  readonly pauses: ReadonlyMap<string, number>;
  readonly evidence: Evidence;
  /** Pauses that waited for a person, though nothing here needs one, in words. */
  readonly wrongPauses: readonly string[];
}

/** Whether nothing was lost, doubled, changed, stuck, left over or unproven. */
export function isFlawless({ tables, stuck, orphans, unproven, wrongPauses }: Findings): boolean {
  const exact = tables.every(
    ({ missing, doubled, different, rows, records }) =>
      missing + doubled + different === 0 && rows === records,
  );
  return exact && [stuck, orphans, unproven, wrongPauses].every(({ length }) => length === 0);
}

/** What is left prepared in all destinations, or in those that hide it, in words. */
export async function findOrphans(
  tables: readonly ChaosTable[],
  { hidden }: { readonly hidden: boolean } = { hidden: false },
): Promise<string[]> {
  const found: string[] = [];
  for (const destination of new Set(tables.map((table) => table.destination))) {
    if (hidden && !destination.hidesLeftovers) continue;
    const own = tables.filter((table) => table.destination === destination);
    found.push(...(await destination.leftovers(own.map(({ name }) => name))));
  }
  return found;
}

/** The proofs that are not complete, and those that count other rows than the table holds. */
export async function findUnproven(
  client: ApiClient,
  tables: readonly TableReport[],
): Promise<string[]> {
  const unproven: string[] = [];
  for (const { name, rows } of tables) {
    const { complete, message, totals } = await client.prove(name);
    if (complete !== true) unproven.push(`${name}: ${message}`);
    else if (totals.rows !== rows) {
      unproven.push(`${name}: the ledger counts ${totals.rows} rows, the table has ${rows}`);
    }
  }
  return unproven;
}

/** Why jobs paused, besides by the user. */
export async function findPauses(
  client: ApiClient,
  jobs: readonly string[],
): Promise<Pick<Findings, 'pauses' | 'wrongPauses'>> {
  const pauses = new Map<string, number>();
  const wrongPauses: string[] = [];
  for (const job of jobs) {
    for await (const entry of client.history(job)) {
      if (!isPause(entry)) continue;
      const { reason } = entry;
      pauses.set(reason.code, (pauses.get(reason.code) ?? 0) + 1);
      if (waitsForPerson(reason.code))
        wrongPauses.push(`${job}: ${reason.code}: ${reason.message}`);
    }
  }
  return { pauses, wrongPauses };
}

/** Attempts from the tasks' records, the rest from what the loaders said. */
export async function findEvidence(
  client: ApiClient,
  jobs: readonly string[],
  loaderLog: string,
): Promise<Evidence> {
  const evidence = { tasks: 0, tasksAgain: 0, turnedAway: 0, swept: 0, aborted: 0 };
  for (const job of jobs) {
    for await (const { attempt } of client.tasks(job)) {
      evidence.tasks += 1;
      if (attempt > 1) evidence.tasksAgain += 1;
    }
  }
  for (const line of (await readFile(loaderLog, 'utf8')).split('\n')) {
    if (line.includes('"task lost to another attempt"')) evidence.turnedAway += 1;
    evidence.swept += numberIn(line, /"leftovers of dead attempts removed".*"swept":(\d+)/);
    evidence.aborted += numberIn(line, /"labels of dead attempts aborted".*"labels":(\d+)/);
  }
  return evidence;
}

function numberIn(line: string, pattern: RegExp): number {
  return Number(pattern.exec(line)?.[1] ?? 0);
}

function isPause({ to, reason }: ShownEntry): boolean {
  return to === 'PAUSED' && reason.code !== 'PAUSED_BY_USER';
}

function waitsForPerson(code: string): boolean {
  return code in FAILURES && FAILURES[code as keyof typeof FAILURES].resumes === 'person';
}
