import { randomBytes } from 'node:crypto';
import { deflateRawSync, inflateRawSync, zstdDecompressSync } from 'node:zlib';
import avro from 'avsc';
import { LoadFailure } from '#shared/domain/failure.ts';

/**
 * Whole object container files of Avro, as Iceberg keeps its metadata in them:
 * https://avro.apache.org/docs/1.12.0/specification/#object-container-files
 *
 * Integers of 64 bits are bigints: snapshots have ids that numbers do not hold.
 */

const MAGIC = Buffer.from('Obj\u0001', 'latin1');
const SYNC_BYTES = 16;

const long = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    return bytes;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint' || Number.isSafeInteger(value),
  compare: (a: bigint, b: bigint) => (a < b ? -1 : Number(a > b)),
});

const header = avro.Type.forSchema({
  type: 'record',
  name: 'Header',
  fields: [
    { name: 'magic', type: { type: 'fixed', name: 'Magic', size: MAGIC.length } },
    { name: 'meta', type: { type: 'map', values: 'bytes' } },
    { name: 'sync', type: { type: 'fixed', name: 'Sync', size: SYNC_BYTES } },
  ],
});

/** What a file says of itself before its rows. */
type FileFacts = Readonly<Record<string, string>>;

/** A schema with the attributes that Avro does not know, such as `field-id`. */
export interface AvroRecordSchema {
  readonly type: 'record';
  readonly name: string;
  readonly fields: readonly AvroField[];
}

/** A field of a record. */
export interface AvroField {
  readonly name: string;
  readonly type: unknown;
  readonly default?: null;
  readonly 'field-id'?: number;
}

/** A file of one block, deflated. */
export function writeAvroFile(
  schema: AvroRecordSchema,
  rows: readonly object[],
  facts: FileFacts,
): Buffer {
  const type = typeOf(schema);
  const block = deflateRawSync(Buffer.concat(rows.map((row) => type.toBuffer(row))));
  const sync = randomBytes(SYNC_BYTES);
  const meta = { ...facts, 'avro.schema': JSON.stringify(schema), 'avro.codec': 'deflate' };
  const bytes = Object.entries(meta).map(([name, text]) => [name, Buffer.from(text)] as const);
  return Buffer.concat([
    header.toBuffer({ magic: MAGIC, meta: Object.fromEntries(bytes), sync }),
    long.toBuffer(BigInt(rows.length)),
    long.toBuffer(BigInt(block.length)),
    block,
    sync,
  ]);
}

/** A file's own schema and its rows, as that schema names their fields. */
export interface AvroContent {
  readonly schema: AvroRecordSchema;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** @throws {LoadFailure} SINK_REJECTED for what is no such file, and for a codec that is not known */
export function readAvroFile(bytes: Buffer): AvroContent {
  try {
    return readRows(bytes);
  } catch (cause) {
    if (cause instanceof LoadFailure) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LoadFailure('SINK_REJECTED', `metadata must be an avro file, but ${why}`, { cause });
  }
}

function readRows(bytes: Buffer): AvroContent {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('it begins otherwise');
  const { value: head, offset } = header.decode(bytes, 0);
  const meta = head.meta as Record<string, Buffer>;
  const schema = JSON.parse(String(meta['avro.schema'])) as AvroRecordSchema;
  const unpack = unpackerOf(meta['avro.codec']?.toString() ?? 'null');
  const type = typeOf(schema);
  const rows: Record<string, unknown>[] = [];
  for (let at = offset; at < bytes.length; ) {
    const count = long.decode(bytes, at);
    const size = long.decode(bytes, count.offset);
    const end = size.offset + Number(size.value);
    const block = unpack(bytes.subarray(size.offset, end));
    for (let i = 0, from = 0; i < Number(count.value); i += 1) {
      const row = type.decode(block, from);
      if (row.offset < 0) throw new Error('a block of it ends too early');
      rows.push(row.value);
      from = row.offset;
    }
    at = end + SYNC_BYTES;
  }
  return { schema, rows };
}

function typeOf(schema: AvroRecordSchema): avro.Type {
  return avro.Type.forSchema(schema as unknown as avro.Schema, { registry: { long } });
}

function unpackerOf(codec: string): (block: Buffer) => Buffer {
  switch (codec) {
    case 'null':
      return (block) => block;
    case 'deflate':
      return inflateRawSync;
    case 'zstandard':
      return zstdDecompressSync;
    default: {
      const message = `codec of metadata must be null, deflate or zstandard, got ${codec}: set write.avro.compression-codec to gzip`;
      throw new LoadFailure('SINK_REJECTED', message);
    }
  }
}
