import { createRequire } from 'node:module';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { exactFrameSize, type Lz4Frame, largestFrameSize, lz4Frames } from './lz4-frames.ts';
import { snappyChunks } from './snappy-chunks.ts';
import { zstdFrames } from './zstd-frames.ts';

/** The codec in the lowest three bits of a batch's attributes. */
export const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
/** Names as Kafka has them in `compression.type`. */
export type Codec = (typeof CODECS)[number];

/** The decompressed bytes would be more than allowed. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
}

const KIB = 1024;
const MIB = 1024 * KIB;

// Native packages: loaded by the first batch that needs them, since most jobs need one codec at most.
const load = createRequire(import.meta.url);
let lz4: typeof import('lz4-napi') | undefined;
let snappy: typeof import('snappy') | undefined;

/**
 * Decompresses the records of a batch. `none` gives the input itself.
 *
 * @param limit bytes that the output may have; memory for more is never taken
 * @throws {TooLargeError} when it has more
 * @throws {Error} of any kind when the input is malformed or cut off
 */
export function decompress(codec: Codec, input: Buffer, limit: number): Buffer {
  switch (codec) {
    case 'none':
      return input;
    case 'gzip':
      return gunzip(input, limit);
    case 'snappy':
      return unsnappy(input, limit);
    case 'lz4':
      return unlz4(input, limit);
    case 'zstd':
      return unzstd(input, limit);
  }
}

/** node:zlib goes on through concatenated members by itself. */
function gunzip(input: Buffer, limit: number): Buffer {
  // A larger chunk saves copying: 499 MB/s instead of 368 were measured with 1 MiB instead of 16 KiB.
  const chunkSize = Math.min(MIB, Math.max(16 * KIB, 8 * input.length));
  return bounded(limit, () => gunzipSync(input, { maxOutputLength: limit, chunkSize }));
}

function unzstd(input: Buffer, limit: number): Buffer {
  const frames = zstdFrames(input);
  requireSize(
    frames.reduce((sum, frame) => sum + (frame.size ?? 0), 0),
    limit,
  );
  let left = limit;
  return concatenated(
    frames.map(({ start, end, size }) => {
      const chunkSize = Math.min(MIB, Math.max(KIB, size ?? 8 * (end - start)));
      const options = { maxOutputLength: Math.max(1, left), chunkSize };
      const output = bounded(limit, () => zstdDecompressSync(input.subarray(start, end), options));
      left -= output.length;
      return output;
    }),
    limit,
  );
}

function unlz4(input: Buffer, limit: number): Buffer {
  const frames = lz4Frames(input);
  const total = (sizeOf: (frame: Lz4Frame) => number) =>
    frames.reduce((sum, frame) => sum + sizeOf(frame), 0);
  if (total(largestFrameSize) > limit) {
    requireSize(
      total((frame) => exactFrameSize(input, frame)),
      limit,
    );
  }
  lz4 ??= load('lz4-napi') as typeof import('lz4-napi');
  const { decompressFrameSync, uncompressSync } = lz4;
  const parts = frames.flatMap(({ start, end, blocks, largestBlock, isLinked }) => {
    if (isLinked) return [decompressFrameSync(input.subarray(start, end))];
    return blocks.map((block) => {
      if (!block.isCompressed) return input.subarray(block.start, block.end);
      // The block decoder wants the size in front of the block, and takes it as an upper bound.
      const sized = Buffer.allocUnsafe(4 + block.end - block.start);
      sized.writeUInt32LE(largestBlock);
      input.copy(sized, 4, block.start, block.end);
      return uncompressSync(sized);
    });
  });
  return concatenated(parts, limit);
}

function unsnappy(input: Buffer, limit: number): Buffer {
  const chunks = snappyChunks(input);
  requireSize(
    chunks.reduce((sum, chunk) => sum + chunk.size, 0),
    limit,
  );
  snappy ??= load('snappy') as typeof import('snappy');
  const { uncompressSync } = snappy;
  return concatenated(
    chunks.map(({ start, end }) => {
      // A copy is three times as fast as handing out memory that the library owns.
      const options = { asBuffer: true, copyOutputData: true };
      return uncompressSync(input.subarray(start, end), options) as Buffer;
    }),
    limit,
  );
}

function concatenated(parts: readonly Buffer[], limit: number): Buffer {
  const whole = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
  requireSize(whole.length, limit);
  return whole;
}

function requireSize(size: number, limit: number): void {
  if (size > limit) {
    throw new TooLargeError(`decompressed records must be at most ${limit} bytes, got ${size}`);
  }
}

function bounded(limit: number, decode: () => Buffer): Buffer {
  try {
    return decode();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
      throw new TooLargeError(`decompressed records must be at most ${limit} bytes`);
    }
    throw error;
  }
}
