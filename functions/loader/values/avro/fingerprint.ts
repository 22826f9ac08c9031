import type avro from 'avsc';

const EMPTY = 0xc15d213aa4d7a795n;

/** CRC-64-AVRO of each byte: the specification, "Schema Fingerprints". */
const TABLE = Array.from({ length: 256 }, (_, byte) => {
  let crc = BigInt(byte);
  for (let bit = 0; bit < 8; bit += 1) crc = (crc >> 1n) ^ (crc & 1n ? EMPTY : 0n);
  return crc;
});

/** A schema's CRC-64-AVRO over its canonical form, in the 8 bytes of the single-object encoding. */
export function fingerprintOf(type: avro.Type): Buffer {
  let crc = EMPTY;
  for (const byte of Buffer.from(JSON.stringify(type.schema()))) {
    crc = (crc >> 8n) ^ (TABLE[Number(crc & 0xffn) ^ byte] ?? 0n);
  }
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(crc);
  return bytes;
}
