import type { SinkWriter } from '../sinks/sink.ts';

/** How rows are written: lines of JSON, or CSV. */
export type TextFormat = 'json' | 'csv';

/** Takes rows, as a sink would. */
export class RowTexts implements Pick<SinkWriter, 'write'> {
  readonly #chunks: Buffer[] = [];
  readonly #mostBytes: number;
  #bytes = 0;
  #isCut = false;

  /** @param mostBytes so much is kept, from the beginning on */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Whether something of it was not kept. */
  get isCut(): boolean {
    return this.#isCut;
  }

  async write(chunk: Uint8Array): Promise<void> {
    const room = this.#mostBytes - this.#bytes;
    this.#isCut ||= chunk.length > room;
    if (room <= 0) return;
    this.#chunks.push(Buffer.from(chunk.subarray(0, room)));
    this.#bytes += Math.min(room, chunk.length);
  }

  /** All rows as one, without the line break behind them: a row may have line breaks in it, whatever its dialect. */
  whole(): string {
    return this.#text().replace(/\n$/, '');
  }

  /** The rows, without line breaks behind them and without one that was cut. */
  rows(format: TextFormat): string[] {
    return format === 'csv' ? splitCsv(this.#text()) : this.#text().split('\n').slice(0, -1);
  }

  #text(): string {
    return Buffer.concat(this.#chunks).toString();
  }
}

/** At line breaks outside of quotes; text behind the last one is left out. */
function splitCsv(text: string): string[] {
  const rows: string[] = [];
  let isQuoted = false;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"') isQuoted = !isQuoted;
    if (text[at] !== '\n' || isQuoted) continue;
    rows.push(text.slice(start, at));
    start = at + 1;
  }
  return rows;
}
