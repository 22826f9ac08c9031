import { describe, expect, it } from 'vitest';
import { BatchWalk } from '../../../../functions/loader/kafka/batch-walk.ts';
import { CODECS } from '../../../../functions/loader/kafka/codecs.ts';
import type { OversizedRecords } from '../../../../functions/loader/records.ts';
import { madeBatch } from './made-batches.ts';
import { DEFAULTS, failure, offsets, walk } from './walked-batches.ts';

describe('a batch that cannot be walked', () => {
  const sound = madeBatch({ baseOffset: 0n, records: [{ delta: 0, value: 'sound' }] });
  const next = madeBatch({ baseOffset: 1n, records: [{ delta: 0, value: 'next' }] });

  it('F22: is refused before any of its records is handed over when one bit of it is wrong', () => {
    for (let at = 17; at < next.length; at += 1) {
      const damaged = Buffer.from(next);
      damaged[at]! ^= 0x10;
      const walker = new BatchWalk({ ...DEFAULTS, records: Buffer.concat([sound, damaged]) });
      const seen: bigint[] = [];
      const step = () => walker.step((record) => seen.push(record.offset));

      expect(step()).toBe(true);
      expect(step).toThrow(failure('CORRUPT_BATCH', /checksum/));
      expect(seen).toEqual([0n]);
      expect(walker.position).toBe(1n);
    }
  });

  it('is refused when its length is less than its header', () => {
    const damaged = Buffer.from(sound);
    damaged.writeInt32BE(12, 8);

    expect(() => walk(damaged)).toThrow(failure('CORRUPT_BATCH', /length of 24 bytes/));
  });

  it('F27: is refused when it has a format from before Kafka 0.11', () => {
    const old = Buffer.from(sound);
    old.writeInt8(1, 16);

    expect(() => walk(old)).toThrow(failure('UNSUPPORTED_BATCH', /message format 1, allowed: 2/));
  });

  it('is refused when it is larger than allowed, before it is whole', () => {
    const large = madeBatch({ baseOffset: 8n, records: [{ delta: 0, value: 'x'.repeat(2_000) }] });

    expect(() => walk(large.subarray(0, 100), { maxBatchBytes: 1_000 })).toThrow(
      failure(
        'RECORD_TOO_LARGE',
        /offset 8 of partition 3 of flights has 2\d+ bytes, allowed: 1000/,
      ),
    );
  });

  it('is refused when it would be too large decompressed', () => {
    for (const codec of CODECS.slice(1)) {
      const bomb = madeBatch({
        baseOffset: 0n,
        codec,
        records: [{ delta: 0, value: '0'.repeat(500_000) }],
      });
      expect(() => walk(bomb, { maxBatchBytes: 100_000 })).toThrow(failure('RECORD_TOO_LARGE'));
    }
  });

  it('F27: is left out when it would be too large decompressed and may be, and the next is not', () => {
    const bomb = madeBatch({
      baseOffset: 0n,
      codec: 'gzip',
      records: [{ delta: 0, value: '0'.repeat(500_000) }],
    });
    const next = madeBatch({ baseOffset: 1n, records: [{ delta: 0, value: 'x' }] });
    const passed: OversizedRecords[] = [];
    const walked = walk(Buffer.concat([bomb, next]), {
      maxBatchBytes: 100_000,
      from: 0n,
      to: 2n,
      passOver: (records) => passed.push(records) > 0,
    });
    expect(offsets(walked)).toEqual([1]);
    expect(passed).toMatchObject([{ from: 0n, to: 1n, count: 1, bytes: bomb.length }]);
  });

  it('F27: is not left out when it was damaged', () => {
    const large = madeBatch({ baseOffset: 8n, records: [{ delta: 0, value: 'x'.repeat(2_000) }] });
    large[large.length - 1]! ^= 0xff;
    expect(() => walk(large, { maxBatchBytes: 1_000, passOver: () => true })).toThrow(
      failure('CORRUPT_BATCH'),
    );
  });

  it('is refused when its codec is none of the five', () => {
    const odd = Buffer.from(sound);
    odd.writeInt16BE(6, 21);
    odd.writeUInt32BE(checksum(odd), 17);

    expect(() => walk(odd)).toThrow(failure('UNSUPPORTED_BATCH', /unknown codec/));
  });

  it('is refused when it holds fewer records than it says', () => {
    const short = Buffer.from(sound);
    short.writeInt32BE(2, 57);
    short.writeUInt32BE(checksum(short), 17);

    expect(() => walk(short)).toThrow(failure('CORRUPT_BATCH', /cannot be read/));
  });

  it('lets the error of the consumer through as it is', () => {
    const error = new Error('full');
    const walker = new BatchWalk({ ...DEFAULTS, records: sound });

    expect(() =>
      walker.step(() => {
        throw error;
      }),
    ).toThrow(error);
    expect(walker.position).toBe(0n);
  });
});

function checksum(batch: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of batch.subarray(21)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
