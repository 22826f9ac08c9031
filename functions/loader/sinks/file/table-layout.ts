import { join } from 'node:path';
import type { FileDestination } from '#shared/domain/job-spec.ts';

/*
 * <table>/flights-01JD....ndjson               what readers see
 * <table>/_staging/rl_<job>_<task>_2.ndjson    attempts: readers ignore names that begin with `_`
 */

const STAGING = '_staging';

/** The directories of one table, absolute. */
export interface TableLayout {
  readonly table: string;
  /** Within the table's directory, so that both are on one file system and a commit needs no copy. */
  readonly staging: string;
}

export function tableLayout(table: string): TableLayout {
  return { table, staging: join(table, STAGING) };
}

type FileFormat = FileDestination['format'];

/** The name of an attempt's file in the staging directory. */
export function stagedName(label: string, format: FileFormat): string {
  return `${label}.${format}`;
}

/** The label that a staged file was made for, or undefined when the name is no attempt's of that job. */
export function stagedLabel(name: string, jobId: string): string | undefined {
  const label = /^(?<label>.+)\.(ndjson|csv)$/.exec(name)?.groups?.label;
  return label?.startsWith(`rl_${jobId}_`) ? label : undefined;
}

/** A final name that readers see: a job's name may begin with `_`, so `job` goes before that. */
export function visibleName(name: string): string {
  return name.startsWith('_') ? `job${name}` : name;
}
