import { join } from 'node:path';
import type { FileOutput, RowOutputOptions } from './file-output.ts';
import { openFileOutput } from './open-file-output.ts';
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

class WholeOutput implements RowOutput {
  readonly hasRoom = true;
  readonly #options: RowOutputOptions;
  readonly #file: FileOutput;
  #chunks = 0;

  constructor(options: RowOutputOptions) {
    this.#options = options;
    this.#file = openFileOutput(options);
  }

  get bytes(): number {
    return this.#file.bytes;
  }

  async add(): Promise<void> {
    const { transform, engine, directory } = this.#options;
    const part = join(directory, `part-${this.#chunks}`);
    const header = transform.plan.header && this.#chunks === 0;
    this.#chunks += 1;
    await engine.run(transform.statements.copy(part, { header }));
    await this.#file.add(part);
  }

  async finish(): Promise<void> {
    await this.#file.finish();
  }
}
