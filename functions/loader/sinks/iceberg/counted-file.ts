import { LoadFailure } from '#shared/domain/failure.ts';
import { contentOf } from '../../transform/parquet/footers.ts';
import type { OwnPart } from '../period-parts.ts';
import type { UploadHandle } from '../s3/upload-handle.ts';
import type { FileHandle } from './table-handle.ts';

/** What a Parquet file ends with, behind the footer and its length in 4 bytes. */
const MAGIC = Buffer.from('PAR1');
const TAIL_BYTES = 8;

/**
 * A Parquet file on its way, which tells how many rows it has: its last chunk has its footer in it.
 *
 * @throws {LoadFailure} (`prepare`) INTERNAL when it has not
 */
export class CountedFile implements OwnPart<FileHandle> {
  readonly #file: OwnPart<UploadHandle>;
  #last: Buffer = Buffer.alloc(0);

  constructor(file: OwnPart<UploadHandle>) {
    this.#file = file;
  }

  get isEmpty(): boolean {
    return this.#file.isEmpty;
  }

  async write(chunk: Uint8Array): Promise<void> {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    // The memory is the caller's again behind this.
    this.#last = bytes.subarray(-MAGIC.length).equals(MAGIC) ? Buffer.from(bytes) : Buffer.alloc(0);
    await this.#file.write(chunk);
  }

  async prepare(): Promise<FileHandle> {
    const last = this.#last;
    const end = last.length - TAIL_BYTES;
    const begin = end < 0 ? -1 : end - last.readUInt32LE(end);
    if (begin < 0) {
      throw new LoadFailure('INTERNAL', 'a parquet file must end with its footer as one chunk');
    }
    const { rows } = contentOf(last.subarray(begin, end));
    return { ...(await this.#file.prepare()), rows };
  }

  discard(): Promise<void> {
    return this.#file.discard();
  }
}
