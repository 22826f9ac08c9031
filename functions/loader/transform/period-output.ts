import { join } from 'node:path';
import { LoadFailure } from '#shared/domain/failure.ts';
import type { PartitionBy } from '#shared/domain/spec/partition-by.ts';
import { MOST_PERIODS, NO_PERIOD, type Period, periodFrom } from '../sinks/period.ts';
import type { RowOutputOptions } from './file-output.ts';
import { openFileOutput } from './open-file-output.ts';

/**
 * The rows of a slice, those of each period for themselves.
 *
 * - Every chunk is split into files of the scratch directory, one for each of its periods, and at the end the files of
 *   one period after the other are handed over: memory does not depend on how many there are.
 * - Rows of one period keep their order.
 * - A slice that nears the most periods ends early, so that only one whose records leap about in time is refused.
 */
export class PeriodOutput {
  readonly #options: RowOutputOptions;
  readonly #parts = new Map<Period, string[]>();
  #files = 0;
  bytes = 0;

  constructor(options: RowOutputOptions) {
    this.#options = options;
  }

  /** Behind `drain`, two more chunks may be on their way. */
  get hasRoom(): boolean {
    return this.#parts.size <= MOST_PERIODS / 2;
  }

  /** @throws {LoadFailure} SINK_REJECTED when there are more periods than a slice may have */
  async add(): Promise<void> {
    const { transform, engine, directory, onProgress } = this.#options;
    const { plan, statements } = transform;
    const by = plan.period;
    if (by === undefined) throw new LoadFailure('INTERNAL', 'rows must be apart by a column');
    const starts = (await engine.rows(statements.periods)).map(([start]) => start);
    const periods = starts.map((start) =>
      start === null ? NO_PERIOD : periodFrom(Number(start), by.unit),
    );
    const all = new Set([...this.#parts.keys(), ...periods]);
    if (all.size > MOST_PERIODS) throw tooMany(by, all.size);
    for (const [i, period] of periods.entries()) {
      const parts = this.#parts.get(period) ?? [];
      const part = join(directory, `part-${this.#files}`);
      this.#files += 1;
      const header = plan.header && parts.length === 0;
      const start = starts[i] ?? null;
      await engine.run(
        statements.copy(part, { header, period: start === null ? null : String(start) }),
      );
      this.#parts.set(period, [...parts, part]);
      onProgress();
    }
  }

  async finish(): Promise<void> {
    for (const [period, parts] of [...this.#parts].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const file = openFileOutput(this.#options, period);
      for (const part of parts) await file.add(part);
      await file.finish();
      this.bytes += file.bytes;
    }
  }
}

function tooMany({ column, unit }: PartitionBy, got: number): LoadFailure {
  return new LoadFailure(
    'SINK_REJECTED',
    `rows of one slice must be of at most ${MOST_PERIODS} ${unit}s by column ${JSON.stringify(column)}, got ${got}: choose a smaller batch.maxRows, a where that leaves out what is too old, or make a job with a longer partitionBy.unit`,
    { facts: { got, allowed: MOST_PERIODS } },
  );
}
