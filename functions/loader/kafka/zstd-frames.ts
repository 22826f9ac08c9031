import { splitFrames } from './split-frames.ts';

/**
 * Frames of Zstandard, as far as their length must be known before they are decompressed (RFC 8878,
 * section 3.1): Kafka allows several in one batch, and node:zlib stops silently after the first.
 */

const MAGIC = 0xfd2fb528;
const RLE_BLOCK = 1;

/** Where a frame lies in its input. */
export interface ZstdFrame {
  readonly start: number;
  readonly end: number;
  /** Bytes after decompression, when the frame's header says so. */
  readonly size: number | undefined;
}

/**
 * Splits the input into its frames; skippable ones are left out.
 *
 * @throws {Error} when the input is no sequence of whole frames
 */
export function zstdFrames(input: Buffer): ZstdFrame[] {
  return splitFrames(input, { name: 'zstd', magic: MAGIC, read: readFrame });
}

function readFrame(input: Buffer, start: number): ZstdFrame {
  const descriptor = input.readUInt8(start + 4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const hasChecksum = (descriptor & 0x04) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 0x03] ?? 0;
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >>> 6] ?? 0;
  const sizeAt = start + 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes;
  let at = sizeAt + sizeBytes;
  for (let isLast = false; !isLast; ) {
    const head = input.readUIntLE(at, 3);
    isLast = (head & 1) === 1;
    at += 3 + (((head >>> 1) & 0x03) === RLE_BLOCK ? 1 : head >>> 3);
  }
  const end = at + (hasChecksum ? 4 : 0);
  if (end > input.length) {
    throw new Error(`a zstd frame must end within its ${input.length} bytes, it ends at ${end}`);
  }
  return { start, end, size: contentSize(input, sizeAt, sizeBytes) };
}

function contentSize(input: Buffer, at: number, bytes: number): number | undefined {
  switch (bytes) {
    case 1:
      return input.readUInt8(at);
    case 2:
      return input.readUInt16LE(at) + 256;
    case 4:
      return input.readUInt32LE(at);
    case 8:
      return Number(input.readBigUInt64LE(at));
    default:
      return undefined;
  }
}
