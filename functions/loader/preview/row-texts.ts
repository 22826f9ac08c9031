import type { SinkWriter } from '../sinks/sink.ts';

/** So much of the rows of one record is looked at; the rest is only counted. */
const MOST_BYTES = 1_048_576;

/** Takes the rows of one record, as a sink would. */
export class RowTexts implements Pick<SinkWriter, 'write'> {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  async write(chunk: Uint8Array): Promise<void> {
    const room = MOST_BYTES - this.#bytes;
    if (room <= 0) return;
    this.#chunks.push(Buffer.from(chunk.subarray(0, room)));
    this.#bytes += Math.min(room, chunk.length);
  }

  /**
   * The rows' texts, without line breaks behind them; of many or long rows the first ones.
   *
   * @param rows how many there are: a single one may have line breaks in it, whatever its dialect
   */
  texts(rows: number, format: 'json' | 'csv'): string[] {
    const text = Buffer.concat(this.#chunks).toString();
    if (rows === 0) return [];
    if (rows === 1) return [text.replace(/\n$/, '')];
    return format === 'csv' ? splitCsv(text) : text.split('\n').slice(0, -1);
  }
}

/** At line breaks outside of quotes; text behind the last one is left out, as it may have been cut. */
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
