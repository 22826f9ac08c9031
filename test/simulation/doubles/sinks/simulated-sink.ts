import type { Clock } from '#shared/clock.ts';
import type { Job } from '#shared/domain/job.ts';
import type { SinkHandle } from '#shared/domain/task.ts';
import type { Sink } from '../../../../functions/loader/sinks/sink.ts';
import type { Calls, Witness } from '../../engine/calls.ts';
import type { Faults, SinkFault } from '../../engine/faults.ts';
import type { Process } from '../../engine/process.ts';
import type { Random } from '../../engine/random.ts';
import type { Sabotage } from '../../world.ts';

/** A destination as the world and its checks see it. */
export interface SimulatedSink {
  /** Row to how many times it is visible. */
  readonly visible: ReadonlyMap<number, number>;
  /** The rows of dead letters, by their location; absent where none are kept. */
  readonly keptLetters?: Pick<ReadonlyMap<string, readonly number[]>, 'get'>;
  /** What is prepared and would stay, by label. */
  readonly prepared: Pick<ReadonlyMap<string, unknown>, 'keys'>;
  /** Whether it cannot be asked what is left there: then it is removed once no dead attempt can prepare any more. @default false */
  readonly hidesLeftovers?: boolean;
  /** Virtual ms until which nothing gets through. */
  downUntil: number;
  /** Told by the task ledger: only now may this handle be committed. */
  noteDecided(handle: SinkHandle): void;
  /** Whether it has lost what the handle names, so that nobody can say what became of it. */
  hasForgotten(handle: SinkHandle): boolean;
  /** Whether the rows of what the handle names are visible: what a person finds who looks. */
  hasApplied(handle: SinkHandle): boolean;
  /** A person removes what is visible of it, where a part of it can be. */
  undo?(handle: SinkHandle): void;
  /** Gives up what was prepared. */
  forgetPrepared(): void;
  /** Forgets what it was told of what is committed. */
  forgetLabels(): void;
}

/** Destinations that the product's own sinks write to, over servers in memory. */
export const REAL_SINKS = ['s3', 'doris', 'starrocks', 'file', 'iceberg'] as const;
export type RealSink = (typeof REAL_SINKS)[number];

/** A server in memory, and the product's sink over it as one process has it. */
export interface SinkDouble extends SimulatedSink {
  /** Whether it keeps rows apart by a date: a slice is several objects or files then. */
  readonly isPartitioned?: boolean;
  sinkFor(job: Pick<Job, 'spec'>, process: Process): Sink;
}

/** What a double needs. */
export interface SinkDoubleDeps {
  readonly calls: Calls;
  readonly witness: Witness;
  readonly faults: Pick<Faults, 'stopped' | 'count'>;
  /** Its own, so that what a seed means elsewhere does not depend on it. */
  readonly random: Random;
  readonly sabotage: Sabotage;
  /** Virtual ms. */
  readonly now: () => number;
  readonly clockOf: (process: Process) => Clock;
  /** The machine that loaders run on dies. */
  readonly killLoaders: () => void;
  readonly kill: (process: Process) => void;
  /** Whether the attempt of this label does not hold its task. */
  readonly hasLost: (label: string) => boolean;
}

/** Whether a server does something odd now, as often as told. */
export function isOdd(
  { faults, random }: Pick<SinkDoubleDeps, 'faults' | 'random'>,
  fault: SinkFault,
  probability: number,
): boolean {
  if (faults.stopped || !random.chance(probability)) return false;
  faults.count(fault);
  return true;
}

/** Counts the rows in texts of one JSON object per line; what is torn holds none that a reader could use. */
export function countRows(texts: Iterable<string>): Map<number, number> {
  const rows = new Map<number, number>();
  for (const text of texts) {
    for (const line of text.split('\n')) {
      const row = rowIn(line);
      if (row !== undefined) rows.set(row, (rows.get(row) ?? 0) + 1);
    }
  }
  return rows;
}

function rowIn(line: string): number | undefined {
  try {
    const { row } = JSON.parse(line) as { row?: unknown };
    return typeof row === 'number' ? row : undefined;
  } catch {
    return undefined;
  }
}
