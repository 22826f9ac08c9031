import type { Clock } from '#shared/clock.ts';

/** Where text goes; `process.stdout` fits. */
export interface TextOutput {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** Plain lines are for a log: often enough to see it move, seldom enough to be read. */
const PLAIN_EVERY_MS = 5_000;

/**
 * Lines that stay, and below them a block that changes: painted over on a terminal, repeated every few
 * seconds elsewhere.
 */
export class Screen {
  readonly #output: TextOutput;
  readonly #clock: Clock;
  #block: readonly string[] = [];
  #paintedLines = 0;
  #plainAt = Number.NEGATIVE_INFINITY;

  constructor(output: TextOutput, clock: Clock) {
    this.#output = output;
    this.#clock = clock;
  }

  /** Columns of the terminal. */
  get width(): number {
    return this.#output.isTTY ? (this.#output.columns ?? 80) : Number.POSITIVE_INFINITY;
  }

  /** A line that stays. */
  say(line: string): void {
    this.#erase();
    this.#output.write(`${line}\n`);
    this.#paint();
  }

  /** What the block shows from now on. */
  show(block: readonly string[]): void {
    if (this.#output.isTTY) {
      this.#erase();
      this.#block = block;
      this.#paint();
      return;
    }
    if (block.length === 0 || this.#clock.now() - this.#plainAt < PLAIN_EVERY_MS) return;
    this.#plainAt = this.#clock.now();
    this.#output.write(`${block.join('\n')}\n`);
  }

  /** The block as it is becomes lines that stay. */
  settle(block: readonly string[]): void {
    this.show([]);
    for (const line of block) this.say(line);
  }

  #erase(): void {
    if (this.#paintedLines > 0) this.#output.write(`\x1b[${this.#paintedLines}A\x1b[0J`);
    this.#paintedLines = 0;
  }

  #paint(): void {
    if (this.#block.length === 0) return;
    this.#output.write(`${this.#block.join('\n')}\n`);
    this.#paintedLines = this.#block.length;
  }
}
