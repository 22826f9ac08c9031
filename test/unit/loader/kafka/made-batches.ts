import { gzipSync, zstdCompressSync } from 'node:zlib';
import { crc32c } from '@node-rs/crc32';
import { compressFrameSync } from 'lz4-napi';
import { compressSync } from 'snappy';
import { CODECS, type Codec } from '../../../../functions/loader/kafka/codecs.ts';

/** Record batches made byte by byte, with nothing of the code under test. */

interface MadeRecord {
  /** Relative to the batch's base offset. */
  readonly delta: number;
  readonly timestampDelta?: number;
  readonly key?: string | null;
  readonly value?: string | null;
  readonly headers?: readonly (readonly [string, string | null])[];
}

export interface MadeBatch {
  readonly baseOffset: bigint;
  readonly records: readonly MadeRecord[];
  /** Default: the last record's delta. */
  readonly lastOffsetDelta?: number;
  readonly codec?: Codec;
  readonly baseTimestamp?: number | bigint;
  readonly maxTimestamp?: number;
  readonly isLogAppendTime?: boolean;
  readonly isTransactional?: boolean;
  readonly isControl?: boolean;
  readonly producerId?: bigint;
}

function zigzag(value: number | bigint): Buffer {
  const wide = BigInt(value);
  let rest = BigInt.asUintN(64, (wide << 1n) ^ (wide >> 63n));
  const bytes: number[] = [];
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

function sized(text: string | null | undefined): Buffer {
  if (text === null || text === undefined) return zigzag(-1);
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([zigzag(bytes.length), bytes]);
}

function madeRecord(record: MadeRecord): Buffer {
  const headers = record.headers ?? [];
  const body = Buffer.concat([
    Buffer.from([0]),
    zigzag(record.timestampDelta ?? 0),
    zigzag(record.delta),
    sized(record.key),
    sized(record.value),
    zigzag(headers.length),
    ...headers.flatMap(([name, value]) => [sized(name), sized(value)]),
  ]);
  return Buffer.concat([zigzag(body.length), body]);
}

const COMPRESS: Record<Codec, (plain: Buffer) => Buffer> = {
  none: (plain) => plain,
  gzip: (plain) => gzipSync(plain),
  snappy: (plain) => Buffer.from(compressSync(plain)),
  lz4: (plain) => compressFrameSync(plain),
  zstd: (plain) => zstdCompressSync(plain),
};

export function madeBatch(batch: MadeBatch): Buffer {
  const codec = batch.codec ?? 'none';
  const attributes =
    CODECS.indexOf(codec) |
    (batch.isLogAppendTime ? 0x08 : 0) |
    (batch.isTransactional ? 0x10 : 0) |
    (batch.isControl ? 0x20 : 0);
  const records = COMPRESS[codec](Buffer.concat(batch.records.map(madeRecord)));
  const lastOffsetDelta = batch.lastOffsetDelta ?? batch.records.at(-1)?.delta ?? 0;
  const whole = Buffer.alloc(61 + records.length);
  whole.writeBigInt64BE(batch.baseOffset, 0);
  whole.writeInt32BE(whole.length - 12, 8);
  whole.writeInt32BE(7, 12);
  whole.writeInt8(2, 16);
  whole.writeInt16BE(attributes, 21);
  whole.writeInt32BE(lastOffsetDelta, 23);
  whole.writeBigInt64BE(BigInt(batch.baseTimestamp ?? 1_000), 27);
  whole.writeBigInt64BE(BigInt(batch.maxTimestamp ?? 2_000), 35);
  whole.writeBigInt64BE(batch.producerId ?? -1n, 43);
  whole.writeInt16BE(0, 51);
  whole.writeInt32BE(-1, 53);
  whole.writeInt32BE(batch.records.length, 57);
  records.copy(whole, 61);
  whole.writeUInt32BE(crc32c(whole.subarray(21)), 17);
  return whole;
}

/** A batch that ends a producer's transaction. */
export function madeMarker(
  kind: 'abort' | 'commit',
  { offset, producerId }: { offset: bigint; producerId: bigint },
): Buffer {
  const key = kind === 'abort' ? '\0\0\0\0' : '\0\0\0\x01';
  return madeBatch({
    baseOffset: offset,
    records: [{ delta: 0, key, value: '\0\0\0\0\0\0' }],
    isTransactional: true,
    isControl: true,
    producerId,
  });
}
