import { join } from 'node:path';
import { handOver, type RowOutputOptions } from './hand-over.ts';
import { PeriodOutput } from './period-output.ts';

/** The rows of a slice on their way from the engine's table into the destination. */
export interface RowOutput {
  /** Handed to the destination so far. */
  readonly bytes: number;
  /** Whether more chunks should come: false some time before one would have to be refused. */
  readonly hasRoom: boolean;
  /** Adds the rows of the chunk that the engine holds; there must be some. */
  add(): Promise<void>;
  /** Call it once, behind the last chunk. */
  finish(): Promise<void>;
}

/** The output that a plan asks for: all rows together, or those of each period. */
export function openRowOutput(options: RowOutputOptions): RowOutput {
  return options.transform.plan.period ? new PeriodOutput(options) : new WholeOutput(options);
}

/** Texts are handed on chunk by chunk, Parquet at the end. */
class WholeOutput implements RowOutput {
  readonly hasRoom = true;
  readonly #options: RowOutputOptions;
  readonly #parts: string[] = [];
  #chunks = 0;
  bytes = 0;

  constructor(options: RowOutputOptions) {
    this.#options = options;
  }

  async add(): Promise<void> {
    const { transform, engine, directory } = this.#options;
    const part = join(directory, `part-${this.#chunks}`);
    const header = transform.plan.header && this.#chunks === 0;
    this.#chunks += 1;
    await engine.run(transform.statements.copy(part, { header }));
    this.#parts.push(part);
    if (transform.plan.rowFormat !== 'parquet') await this.finish();
  }

  async finish(): Promise<void> {
    this.bytes += await handOver(this.#parts.splice(0), this.#options);
  }
}
