import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LoadFailure } from '#shared/domain/failure.ts';
import type { Period } from '../../sinks/period.ts';
import { type FileOutput, type RowOutputOptions, writeFrom } from '../file-output.ts';
import { contentOf, JoinedFooter } from './footers.ts';

/** A Parquet file begins and ends with it; before the end stands the length of the footer in 4 bytes. */
const MAGIC = Buffer.from('PAR1');
const TAIL_BYTES = 8;

/**
 * Parts that are smaller become row groups together: half of the rows of a row group of the engine's, or bytes before
 * their compression, of which a reader asks for one column.
 */
const FEW_ROWS = 61_440;
const FEW_BYTES = 4_194_304;

interface Part {
  readonly file: string;
  readonly footer: Buffer;
  /** Where the footer begins. */
  readonly end: number;
  readonly rows: number;
  readonly bytes: number;
}

/**
 * One Parquet file of many. Its row groups are handed over as they come, and its footer at the end, so that neither
 * memory nor the scratch directory holds more than the smallest parts and the footer, whatever its size.
 *
 * Only small parts are read and written once more: a row group that was written is moved byte by byte.
 */
export class ParquetOutput implements FileOutput {
  readonly #options: RowOutputOptions;
  readonly #period: Period | undefined;
  readonly #footer = new JoinedFooter();
  #small: Part[] = [];
  #merged = 0;
  bytes = 0;

  /** @param period of all its rows */
  constructor(options: RowOutputOptions, period?: Period) {
    this.#options = options;
    this.#period = period;
  }

  async add(file: string): Promise<void> {
    this.#small.push(await readPart(file));
    const sum = (of: 'rows' | 'bytes') => this.#small.reduce((all, part) => all + part[of], 0);
    if (sum('rows') >= FEW_ROWS || sum('bytes') >= FEW_BYTES) await this.#flush();
  }

  async finish(): Promise<void> {
    await this.#flush();
    if (this.bytes === 0) return;
    const footer = this.#footer.bytes();
    const length = Buffer.alloc(4);
    length.writeUInt32LE(footer.length);
    await this.#write(Buffer.concat([footer, length, MAGIC]));
  }

  async #flush(): Promise<void> {
    const parts = this.#small;
    this.#small = [];
    const [first, ...others] = parts;
    if (first === undefined) return;
    await this.#append(others.length === 0 ? first : await this.#merge(parts));
  }

  async #merge(parts: readonly Part[]): Promise<Part> {
    const { transform, engine, directory } = this.#options;
    const into = join(directory, `merged-${this.#merged % 2}`);
    this.#merged += 1;
    const files = parts.map(({ file }) => file);
    await engine.run(transform.statements.merge(files, into));
    for (const file of files) await rm(file);
    return readPart(into);
  }

  async #append({ file, footer, end }: Part): Promise<void> {
    if (this.bytes === 0) await this.#write(MAGIC);
    this.#footer.add(footer, BigInt(this.bytes - MAGIC.length));
    const range = { start: MAGIC.length, end: end - 1 };
    this.bytes += await writeFrom(file, { ...this.#options, range, period: this.#period });
  }

  async #write(bytes: Buffer): Promise<void> {
    this.bytes += bytes.length;
    await this.#options.write(bytes, this.#period);
  }
}

async function readPart(file: string): Promise<Part> {
  await using handle = await open(file);
  const { size } = await handle.stat();
  const tail = Buffer.alloc(TAIL_BYTES);
  await handle.read(tail, 0, TAIL_BYTES, size - TAIL_BYTES);
  if (!tail.subarray(4).equals(MAGIC)) {
    throw new LoadFailure('INTERNAL', `a parquet file must end with ${MAGIC}, got other bytes`);
  }
  const length = tail.readUInt32LE(0);
  const end = size - TAIL_BYTES - length;
  const footer = Buffer.alloc(length);
  await handle.read(footer, 0, length, end);
  return { file, footer, end, ...contentOf(footer) };
}
