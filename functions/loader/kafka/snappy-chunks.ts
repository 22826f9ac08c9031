/**
 * The two forms of snappy in Kafka: one raw block, or the framing of xerial's snappy-java, which the Java
 * clients write: a header of 16 bytes and then raw blocks, each with its length in front.
 */

/** 0x82 "SNAPPY" 0x00 */
const XERIAL_MAGIC = Buffer.from('82534e4150505900', 'hex');
const XERIAL_HEADER_BYTES = 16;

/** A raw block of snappy. */
export interface SnappyChunk {
  readonly start: number;
  readonly end: number;
  /** Bytes after decompression, from the block's preamble. */
  readonly size: number;
}

/**
 * Finds the raw blocks of the input.
 *
 * @throws {Error} when a block does not end within the input
 */
export function snappyChunks(input: Buffer): SnappyChunk[] {
  if (!isXerialHeader(input, 0)) {
    return [{ start: 0, end: input.length, size: uncompressedSize(input, 0) }];
  }
  const chunks: SnappyChunk[] = [];
  let at = 0;
  while (at < input.length) {
    // Concatenated streams have a header each; no block is so long that it would look like one.
    if (isXerialHeader(input, at)) {
      at += XERIAL_HEADER_BYTES;
      continue;
    }
    const start = at + 4;
    const end = start + input.readUInt32BE(at);
    if (end > input.length) {
      throw new Error(
        `a snappy block must end within its ${input.length} bytes, it ends at ${end}`,
      );
    }
    if (end > start) chunks.push({ start, end, size: uncompressedSize(input, start) });
    at = end;
  }
  return chunks;
}

function isXerialHeader(input: Buffer, at: number): boolean {
  return (
    input.length >= at + XERIAL_HEADER_BYTES &&
    input.compare(XERIAL_MAGIC, 0, XERIAL_MAGIC.length, at, at + XERIAL_MAGIC.length) === 0
  );
}

function uncompressedSize(input: Buffer, start: number): number {
  let size = 0;
  let factor = 1;
  for (let at = start; ; at += 1) {
    const byte = input.readUInt8(at);
    size += (byte & 0x7f) * factor;
    if (byte < 0x80) return size;
    factor *= 128;
  }
}
