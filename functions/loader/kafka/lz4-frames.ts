import { splitFrames } from './split-frames.ts';

/**
 * Frames of LZ4 (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md): Kafka allows several in one
 * batch, while the native frame decoder stops silently after the first and is ten times slower than the native
 * block decoder. So frames are taken apart here.
 */

const MAGIC = 0x184d2204;
const UNCOMPRESSED_BIT = 0x80000000;
const MIN_MATCH = 4;

/** Where a block of a frame lies in its input. */
interface Lz4Block {
  readonly start: number;
  readonly end: number;
  readonly isCompressed: boolean;
}

/** Where a frame lies in its input, and what it holds. */
export interface Lz4Frame {
  readonly start: number;
  readonly end: number;
  readonly blocks: readonly Lz4Block[];
  /** Bytes that no block exceeds after decompression. */
  readonly largestBlock: number;
  /** Whether blocks refer to those before them, so that only the frame as a whole can be decompressed. */
  readonly isLinked: boolean;
}

/**
 * Splits the input into its frames; skippable ones are left out.
 *
 * @throws {Error} when the input is no sequence of whole frames
 */
export function lz4Frames(input: Buffer): Lz4Frame[] {
  return splitFrames(input, { name: 'lz4', magic: MAGIC, read: readFrame });
}

function readFrame(input: Buffer, start: number): Lz4Frame {
  const flags = input.readUInt8(start + 4);
  const isLinked = (flags & 0x20) === 0;
  const checksumBytes = (flags & 0x10) !== 0 ? 4 : 0;
  const hasContentSize = (flags & 0x08) !== 0;
  const hasContentChecksum = (flags & 0x04) !== 0;
  const hasDictionary = (flags & 0x01) !== 0;
  // 4 = 64 KiB, 5 = 256 KiB, 6 = 1 MiB, 7 = 4 MiB
  const largestBlock = 1 << (8 + 2 * ((input.readUInt8(start + 5) >>> 4) & 0x07));
  const blocks: Lz4Block[] = [];
  let at = start + 7 + (hasContentSize ? 8 : 0) + (hasDictionary ? 4 : 0);
  for (let head = input.readUInt32LE(at); head !== 0; head = input.readUInt32LE(at)) {
    const block = { start: at + 4, end: at + 4 + ((head & ~UNCOMPRESSED_BIT) >>> 0) };
    blocks.push({ ...block, isCompressed: head < UNCOMPRESSED_BIT });
    at = block.end + checksumBytes;
  }
  const end = at + 4 + (hasContentChecksum ? 4 : 0);
  if (end > input.length) {
    throw new Error(`an lz4 frame must end within its ${input.length} bytes, it ends at ${end}`);
  }
  return { start, end, blocks, largestBlock, isLinked };
}

/** Bytes that a frame has at most after decompression. */
export function largestFrameSize({ blocks, largestBlock }: Lz4Frame): number {
  return blocks.length * largestBlock;
}

/**
 * Bytes that a frame has after decompression, for the few whose blocks are far from full: adds up literals
 * and matches without copying any.
 */
export function exactFrameSize(input: Buffer, { blocks }: Lz4Frame): number {
  return blocks.reduce((sum, block) => sum + blockSize(input, block), 0);
}

function blockSize(input: Buffer, { start, end, isCompressed }: Lz4Block): number {
  if (!isCompressed) return end - start;
  let size = 0;
  let at = start;
  while (at < end) {
    const token = input.readUInt8(at);
    at += 1;
    let literals = token >>> 4;
    for (let more = literals === 15; more; at += 1) {
      const byte = input.readUInt8(at);
      literals += byte;
      more = byte === 255;
    }
    size += literals;
    at += literals;
    // The last sequence of a block has no match.
    if (at >= end) return size;
    at += 2;
    let match = token & 0x0f;
    for (let more = match === 15; more; at += 1) {
      const byte = input.readUInt8(at);
      match += byte;
      more = byte === 255;
    }
    size += match + MIN_MATCH;
  }
  return size;
}
