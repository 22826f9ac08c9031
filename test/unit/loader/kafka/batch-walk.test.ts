import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatchWalk, type BatchWalkOptions } from '../../../../functions/loader/kafka/batch-walk.ts';
import { CODECS } from '../../../../functions/loader/kafka/codecs.ts';
import type { OversizedRecords, RecordView } from '../../../../functions/loader/records.ts';
import { type MadeBatch, madeBatch, madeMarker } from './made-batches.ts';

interface Seen {
  readonly offset: bigint;
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headersCount: number;
  readonly headers: string;
}

function copyOf(record: RecordView): Seen {
  const range = (start: number, end: number) =>
    start < 0 ? null : record.buffer.toString('latin1', start, end);
  return {
    offset: record.offset,
    timestamp: record.timestamp,
    key: range(record.keyStart, record.keyEnd),
    value: range(record.valueStart, record.valueEnd),
    headersCount: record.headersCount,
    headers: range(record.headersStart, record.headersEnd) ?? '',
  };
}

const DEFAULTS = {
  topic: 'flights',
  partition: 3,
  from: 0n,
  to: 1_000_000n,
  isolation: 'read_committed',
  aborted: [],
  maxBatchBytes: 1_000_000,
} satisfies Omit<BatchWalkOptions, 'records'>;

function walk(
  batches: readonly Buffer[] | Buffer,
  options: Partial<BatchWalkOptions> = {},
): { seen: Seen[]; position: bigint } {
  const records = Array.isArray(batches) ? Buffer.concat(batches) : (batches as Buffer);
  const walker = new BatchWalk({ ...DEFAULTS, records, ...options });
  const seen: Seen[] = [];
  while (walker.step((record) => seen.push(copyOf(record)))) {}
  return { seen, position: walker.position };
}

const offsets = ({ seen }: { seen: Seen[] }) => seen.map(({ offset }) => Number(offset));
const failure = (code: string, message?: RegExp) =>
  expect.objectContaining(message ? { code, message: expect.stringMatching(message) } : { code });

describe('the records of a batch', () => {
  it('are handed over with their offsets, times, keys, values and headers', () => {
    const batch = madeBatch({
      baseOffset: 40n,
      baseTimestamp: 5_000,
      records: [
        { delta: 0, key: 'k', value: 'v', headers: [['h', 'x']] },
        { delta: 2, timestampDelta: -7, key: null, value: 'a\nb' },
        { delta: 3, timestampDelta: 2 ** 40, key: '', value: '' },
        { delta: 5, value: null },
      ],
    });

    const { seen, position } = walk(batch);

    expect(seen).toEqual([
      {
        offset: 40n,
        timestamp: 5_000,
        key: 'k',
        value: 'v',
        headersCount: 1,
        headers: '\x02h\x02x',
      },
      { offset: 42n, timestamp: 4_993, key: null, value: 'a\nb', headersCount: 0, headers: '' },
      { offset: 43n, timestamp: 5_000 + 2 ** 40, key: '', value: '', headersCount: 0, headers: '' },
      { offset: 45n, timestamp: 5_000, key: null, value: null, headersCount: 0, headers: '' },
    ]);
    expect(position).toBe(46n);
  });

  it('have the time of the broker where it stamps them', () => {
    const batch = madeBatch({
      baseOffset: 0n,
      maxTimestamp: 9_999,
      isLogAppendTime: true,
      records: [{ delta: 0, timestampDelta: 5, value: 'v' }],
    });

    expect(walk(batch).seen[0]?.timestamp).toBe(9_999);
  });

  it('have offsets and lengths of 64 and 32 bits', () => {
    const value = 'x'.repeat(300_000);
    const baseOffset = 9_223_372_036_854_000_000n;

    const { seen } = walk(madeBatch({ baseOffset, records: [{ delta: 70_000, value }] }), {
      from: baseOffset,
      to: baseOffset + 100_000n,
    });

    expect(seen).toMatchObject([{ offset: baseOffset + 70_000n, value }]);
  });

  it('are the same whatever the codec', () => {
    const made = (codec: MadeBatch['codec']) =>
      walk(
        madeBatch({
          baseOffset: 9n,
          records: Array.from({ length: 50 }, (_, delta) => ({
            delta,
            key: `k${delta}`,
            value: 'value',
          })),
          ...(codec ? { codec } : {}),
        }),
        { from: 20n, to: 40n },
      );

    for (const codec of CODECS) expect(made(codec)).toEqual(made('none'));
  });
});

describe('the position', () => {
  const batch = (baseOffset: bigint, deltas: number[], lastOffsetDelta?: number) =>
    madeBatch({
      baseOffset,
      records: deltas.map((delta) => ({ delta, value: 'v' })),
      ...(lastOffsetDelta === undefined ? {} : { lastOffsetDelta }),
    });

  it('ends at the end of the range, inside a batch too', () => {
    const result = walk([batch(0n, [0, 1, 2, 3]), batch(4n, [0, 1, 2])], { from: 2n, to: 5n });

    expect(offsets(result)).toEqual([2, 3, 4]);
    expect(result.position).toBe(5n);
  });

  it('F24: passes what compaction has removed at the start, in the middle and at the end of batches', () => {
    const result = walk([batch(10n, [3, 6], 9), batch(30n, [1], 4)], { from: 2n, to: 100n });

    expect(offsets(result)).toEqual([13, 16, 31]);
    expect(result.position).toBe(35n);
  });

  it('F24: passes a batch that compaction has emptied', () => {
    const result = walk(batch(5n, [], 9), { from: 0n, to: 15n });

    expect(result).toEqual({ seen: [], position: 15n });
  });

  it('is the end of the range when the next batch begins behind it', () => {
    expect(walk(batch(50n, [0, 1]), { from: 3n, to: 20n })).toEqual({ seen: [], position: 20n });
  });

  it('stays before a batch that is cut off', () => {
    const second = batch(2n, [0, 1]);

    for (let length = 0; length < second.length; length += 1) {
      const result = walk([batch(0n, [0, 1]), second.subarray(0, length)]);
      expect(offsets(result)).toEqual([0, 1]);
      expect(result.position).toBe(2n);
    }
  });
});

describe('F25: transactions', () => {
  const PRODUCER = 77n;
  const written = (baseOffset: bigint, producerId = PRODUCER) =>
    madeBatch({
      baseOffset,
      producerId,
      isTransactional: true,
      records: [
        { delta: 0, value: 'a' },
        { delta: 1, value: 'b' },
      ],
    });
  const log = [
    written(0n),
    madeMarker('abort', { offset: 2n, producerId: PRODUCER }),
    written(3n),
    madeMarker('commit', { offset: 5n, producerId: PRODUCER }),
    written(6n, 78n),
    written(8n),
    madeMarker('abort', { offset: 10n, producerId: PRODUCER }),
    madeMarker('commit', { offset: 11n, producerId: 78n }),
  ];
  const aborted = [
    { producerId: PRODUCER, firstOffset: 8n },
    { producerId: PRODUCER, firstOffset: 0n },
  ];

  it('that were aborted are left out for read_committed, and only those', () => {
    const result = walk(log, { aborted });

    expect(offsets(result)).toEqual([3, 4, 6, 7]);
    expect(result.position).toBe(12n);
  });

  it('are all handed over for read_uncommitted, without their markers', () => {
    const result = walk(log, { aborted, isolation: 'read_uncommitted' });

    expect(offsets(result)).toEqual([0, 1, 3, 4, 6, 7, 8, 9]);
  });

  it('may end with an abort marker whose beginning lies before the range', () => {
    const result = walk(log.slice(1), { from: 2n, aborted: aborted.slice(0, 1) });

    expect(offsets(result)).toEqual([3, 4, 6, 7]);
  });

  it('that began before the answer are left out from its start', () => {
    const result = walk([written(0n), madeMarker('abort', { offset: 2n, producerId: PRODUCER })], {
      from: 1n,
      aborted: [{ producerId: PRODUCER, firstOffset: -5n }],
    });

    expect(result).toEqual({ seen: [], position: 3n });
  });

  it('leave batches of the same producer outside of transactions alone', () => {
    const plain = madeBatch({ baseOffset: 2n, producerId: PRODUCER, records: [{ delta: 0 }] });

    expect(offsets(walk([written(0n), plain], { aborted }))).toEqual([2]);
  });

  it('may have a marker that compaction has emptied', () => {
    const emptied = madeBatch({
      baseOffset: 0n,
      records: [],
      isControl: true,
      isTransactional: true,
      producerId: PRODUCER,
    });

    expect(walk(emptied)).toEqual({ seen: [], position: 1n });
  });
});

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

describe('any log and any range', () => {
  const anyText = fc.option(fc.string({ unit: 'binary-ascii', maxLength: 200 }), { nil: null });
  const anyRecord = fc.record({
    gap: fc.integer({ min: 0, max: 3 }),
    key: anyText,
    value: anyText,
    timestampDelta: fc.maxSafeInteger(),
    headers: fc.array(fc.tuple(fc.string({ unit: 'binary-ascii', maxLength: 9 }), anyText), {
      maxLength: 3,
    }),
  });
  const anyBatch = fc.record({
    gap: fc.integer({ min: 0, max: 5 }),
    tail: fc.integer({ min: 0, max: 5 }),
    codec: fc.constantFrom(...CODECS),
    records: fc.array(anyRecord, { maxLength: 12 }),
  });

  it('give exactly the records of the range, as a naive reading does', () => {
    fc.assert(
      fc.property(
        fc.array(anyBatch, { maxLength: 6 }),
        fc.nat(60),
        fc.nat(60),
        (batches, from, length) => {
          const model: {
            offset: bigint;
            key: string | null;
            value: string | null;
            timestamp: number;
          }[] = [];
          const bytes: Buffer[] = [];
          let end = 0;
          for (const { gap, tail, codec, records } of batches) {
            const base = end + gap;
            let delta = -1;
            const made = records.map(({ gap: hole, ...record }) => {
              delta += 1 + hole;
              const { key, value, timestampDelta } = record;
              model.push({ offset: BigInt(base + delta), key, value, timestamp: timestampDelta });
              return { delta, ...record };
            });
            const lastOffsetDelta = Math.max(delta, 0) + tail;
            bytes.push(
              madeBatch({
                baseOffset: BigInt(base),
                baseTimestamp: 0,
                codec,
                records: made,
                lastOffsetDelta,
              }),
            );
            end = base + lastOffsetDelta + 1;
          }
          const to = from + length;

          const { seen, position } = walk(bytes, { from: BigInt(from), to: BigInt(to) });

          expect(
            seen.map(({ offset, key, value, timestamp }) => ({ offset, key, value, timestamp })),
          ).toEqual(model.filter(({ offset }) => offset >= from && offset < to));
          expect(position).toBe(BigInt(Math.max(from, Math.min(end, to))));
        },
      ),
      { numRuns: 300 },
    );
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
