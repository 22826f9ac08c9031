import { join } from 'node:path';
import type { FileDestination } from '#shared/domain/job-spec.ts';
import { NO_PERIOD, type Period } from '../period.ts';

/*
 * <table>/flights-01JD....ndjson               what readers see
 * <table>/_staging/rl_<job>_<task>_2.ndjson    attempts: readers ignore names that begin with `_`
 * <table>/_dead_letters/flights-01JD....ndjson bad rows, staged as rl_<job>_<task>_2.letters.ndjson
 *
 * Where rows are apart by a date, here by months:
 *
 * <table>/year=2026/month=11/flights-01JD....ndjson, staged as rl_<job>_<task>_2.2026-11.ndjson
 */

const STAGING = '_staging';
const LETTERS = '_dead_letters';

/** The directories of one table, absolute. */
export interface TableLayout {
  readonly table: string;
  /** Within the table's directory, so that both are on one file system and a commit needs no copy. */
  readonly staging: string;
}

export function tableLayout(table: string): TableLayout {
  return { table, staging: join(table, STAGING) };
}

/** The layout of the dead letters beside a table. */
export function lettersLayout({ table, staging }: TableLayout): TableLayout {
  return { table: join(table, LETTERS), staging };
}

type FileFormat = FileDestination['format'];

/** The layout of one period's files, by its directory in the table's. */
export function periodLayout({ table, staging }: TableLayout, directory: string): TableLayout {
  return { table: join(table, directory), staging };
}

/** The name of an attempt's file in the staging directory; it has one for each period where rows are apart. */
export function stagedName(label: string, format: FileFormat, period?: Period): string {
  return period === undefined ? `${label}.${format}` : `${label}.${period}.${format}`;
}

/** The name of an attempt's dead letters in the staging directory. */
export function stagedLettersName(label: string): string {
  return `${label}.letters.ndjson`;
}

/** The final name of dead letters, after that of the rows. */
export function lettersName(final: string): string {
  return `${final.replace(/\.[^.]*$/, '')}.ndjson`;
}

/** Where dead letters are, as people are told: `_dead_letters/<name>` in the table's directory. */
export function lettersLocation(final: string): string {
  return `${LETTERS}/${final}`;
}

/** The name in such a location, or undefined when it leads elsewhere. */
export function lettersAt(location: string): string | undefined {
  return new RegExp(`^${LETTERS}/([A-Za-z0-9_-][A-Za-z0-9_.-]*)$`).exec(location)?.[1];
}

const STAGED = new RegExp(
  `^(?<label>[^.]+)(\\.(letters|[\\dT-]+|${NO_PERIOD}))?\\.(ndjson|csv|parquet)$`,
);

/** The label that a staged file was made for, or undefined when the name is no attempt's of that job. */
export function stagedLabel(name: string, jobId: string): string | undefined {
  const label = STAGED.exec(name)?.groups?.label;
  return label?.startsWith(`rl_${jobId}_`) ? label : undefined;
}

/** A final name that readers see: a job's name may begin with `_`, so `job` goes before that. */
export function visibleName(name: string): string {
  return name.startsWith('_') ? `job${name}` : name;
}
