/**
 * Frames of LZ4, as far as their length must be known before they are decompressed
 * (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md): Kafka allows several in one batch, and the
 * native decoder stops silently after the first.
 */

const MAGIC = 0x184d2204;
const SKIPPABLE = 0x184d2a50;
const SKIPPABLE_MASK = 0xfffffff0;
const UNCOMPRESSED_BIT = 0x80000000;
const MIN_MATCH = 4;

/** Where a frame lies in its input, and what it holds. */
export interface Lz4Frame {
  readonly start: number;
  readonly end: number;
  /** Bytes after decompression: at most as many, or exactly as many where that was asked for. */
  readonly size: number;
}

/**
 * Splits the input into its frames; skippable ones are left out.
 *
 * The sizes are estimates, blocks times the largest size of one, unless `exact` asks for a walk through
 * the blocks, which costs about as much as decompressing them.
 *
 * @throws {Error} when the input is no sequence of whole frames
 */
export function lz4Frames(input: Buffer, { exact } = { exact: false }): Lz4Frame[] {
  const frames: Lz4Frame[] = [];
  let start = 0;
  while (start < input.length) {
    const magic = input.readUInt32LE(start);
    if ((magic & SKIPPABLE_MASK) >>> 0 === SKIPPABLE) {
      start += 8 + input.readUInt32LE(start + 4);
      continue;
    }
    if (magic !== MAGIC) {
      throw new Error(`an lz4 frame must begin with 0x184d2204, got 0x${magic.toString(16)}`);
    }
    const frame = readFrame(input, start, exact);
    frames.push(frame);
    start = frame.end;
  }
  return frames;
}

function readFrame(input: Buffer, start: number, exact: boolean): Lz4Frame {
  const flags = input.readUInt8(start + 4);
  const hasBlockChecksum = (flags & 0x10) !== 0;
  const hasContentSize = (flags & 0x08) !== 0;
  const hasContentChecksum = (flags & 0x04) !== 0;
  const hasDictionary = (flags & 0x01) !== 0;
  // 4 = 64 KiB, 5 = 256 KiB, 6 = 1 MiB, 7 = 4 MiB
  const largestBlock = 1 << (8 + 2 * ((input.readUInt8(start + 5) >>> 4) & 0x07));
  const blocks = start + 7 + (hasContentSize ? 8 : 0) + (hasDictionary ? 4 : 0);
  let at = blocks;
  let count = 0;
  for (let head = input.readUInt32LE(at); head !== 0; head = input.readUInt32LE(at)) {
    at += 4 + ((head & ~UNCOMPRESSED_BIT) >>> 0) + (hasBlockChecksum ? 4 : 0);
    count += 1;
  }
  const end = at + 4 + (hasContentChecksum ? 4 : 0);
  if (end > input.length) {
    throw new Error(`an lz4 frame must end within its ${input.length} bytes, it ends at ${end}`);
  }
  const size = exact ? exactSize(input, blocks, hasBlockChecksum) : count * largestBlock;
  return { start, end, size };
}

function exactSize(input: Buffer, blocks: number, hasBlockChecksum: boolean): number {
  let size = 0;
  let at = blocks;
  for (let head = input.readUInt32LE(at); head !== 0; head = input.readUInt32LE(at)) {
    const length = (head & ~UNCOMPRESSED_BIT) >>> 0;
    at += 4;
    size += head >= UNCOMPRESSED_BIT ? length : blockSize(input, at, at + length);
    at += length + (hasBlockChecksum ? 4 : 0);
  }
  return size;
}

/** Adds up literals and matches of a block without copying any. */
function blockSize(input: Buffer, start: number, end: number): number {
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
