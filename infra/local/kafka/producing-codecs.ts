import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import kafkajs, { type CompressionTypes as CompressionType } from 'kafkajs';
import { compressFrameSync, decompressFrameSync } from 'lz4-napi';
import { compressSync, uncompressSync } from 'snappy';

// Node does not find these two among the names that this CommonJS package exports.
const { CompressionCodecs, CompressionTypes } = kafkajs;

/** The codecs that kafkajs has no implementation of, for the parts that produce: the demo and the tests. */

/** Every codec that Kafka knows. */
export const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type Codec = (typeof CODECS)[number];

const TYPES: Readonly<Record<Codec, CompressionType>> = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
};

/** kafkajs' number for a codec, which works after {@link registerProducingCodecs}. */
export function compressionType(codec: Codec): CompressionType {
  return TYPES[codec];
}

/** Teaches kafkajs snappy, lz4 and zstd, in this process; doing it again changes nothing. */
export function registerProducingCodecs(): void {
  CompressionCodecs[CompressionTypes.Snappy] = codec(compressXerial, uncompressXerial);
  CompressionCodecs[CompressionTypes.LZ4] = codec(compressFrameSync, decompressFrameSync);
  CompressionCodecs[CompressionTypes.ZSTD] = codec(zstdCompressSync, zstdDecompressSync);
}

function codec(compress: (data: Buffer) => Buffer, decompress: (data: Buffer) => Buffer) {
  return () => ({
    compress: async (encoder: { readonly buffer: Buffer }) => compress(encoder.buffer),
    decompress: async (buffer: Buffer) => decompress(buffer),
  });
}

/**
 * The framing of snappy-java, which Java's producers write: a header of 16 bytes, then blocks of at most
 * 32 KB, each behind its compressed length. https://github.com/xerial/snappy-java (SnappyOutputStream).
 */
const XERIAL_HEADER = Buffer.from([
  ...[0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00],
  ...[0, 0, 0, 1],
  ...[0, 0, 0, 1],
]);
const XERIAL_MAGIC_BYTES = 8;
const XERIAL_BLOCK = 32 * 1024;

function compressXerial(data: Buffer): Buffer {
  const parts: Buffer[] = [XERIAL_HEADER];
  for (let at = 0; at < data.length; at += XERIAL_BLOCK) {
    const block = compressSync(data.subarray(at, at + XERIAL_BLOCK));
    const length = Buffer.alloc(4);
    length.writeInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}

/** Takes raw snappy too, which librdkafka writes. */
function uncompressXerial(data: Buffer): Buffer {
  const magic = XERIAL_HEADER.subarray(0, XERIAL_MAGIC_BYTES);
  if (!data.subarray(0, XERIAL_MAGIC_BYTES).equals(magic)) return uncompressed(data);
  const parts: Buffer[] = [];
  for (let at = XERIAL_HEADER.length; at < data.length; ) {
    const end = at + 4 + data.readInt32BE(at);
    parts.push(uncompressed(data.subarray(at + 4, end)));
    at = end;
  }
  return Buffer.concat(parts);
}

function uncompressed(block: Buffer): Buffer {
  const data = uncompressSync(block);
  return typeof data === 'string' ? Buffer.from(data) : data;
}
