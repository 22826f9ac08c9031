import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appendDeadLetter } from '../../../../functions/loader/dead-letters/dead-letter.ts';
import { parseDeadLetter } from '../../../../functions/loader/dead-letters/parse-dead-letter.ts';
import type { RecordView } from '../../../../functions/loader/records.ts';
import { RowBuffer } from '../../../../functions/loader/rows/row-buffer.ts';
import { type GivenRecord, recordOf } from '../rows/record-of.ts';
import { transformed } from '../transform/transformed.ts';

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 100 }),
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc.constantFrom('', 'base64:AAAA', '\u2028\u2029\ufeff"\\\n\r\u0000', '{"base64":"AA=="}'),
);
const nullable = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null });

const anyRecord: fc.Arbitrary<GivenRecord> = fc.record({
  partition: fc.nat(),
  offset: fc.bigInt(0n, 2n ** 63n - 1n),
  timestamp: fc.oneof(
    fc.constantFrom(-1, 1.7e18, 2 ** 63 - 1_024),
    fc.nat(Number.MAX_SAFE_INTEGER),
  ),
  key: nullable(bytes),
  value: nullable(bytes),
  headers: fc.array(fc.tuple(bytes as fc.Arbitrary<string>, nullable(bytes)), { maxLength: 5 }),
});

function lineOf(record: RecordView, fault = { reason: 'because', column: 'a' }): string {
  const out = new RowBuffer(64);
  appendDeadLetter(out, record, { topic: 'flights', ...fault });
  return out.take().toString();
}

/** All that a record is, without where it lies. */
function contentOf(record: RecordView) {
  const { buffer, partition, offset, timestamp, headersCount } = record;
  const range = (start: number, end: number) =>
    start < 0 ? null : buffer.subarray(start, end).toString('hex');
  return {
    partition,
    offset,
    timestamp,
    key: range(record.keyStart, record.keyEnd),
    value: range(record.valueStart, record.valueEnd),
    headers: range(record.headersStart, record.headersEnd),
    headersCount,
  };
}

describe('a dead letter', () => {
  it('is one line, and gives the record back byte for byte', () => {
    fc.assert(
      fc.property(anyRecord, fc.string(), (given, reason) => {
        const record = recordOf(given);
        const line = lineOf(record, { reason, column: 'a' });
        expect(line.indexOf('\n')).toBe(line.length - 1);
        const letter = parseDeadLetter(line.slice(0, -1));
        const { partition, offset } = record;
        expect(letter).toMatchObject({ topic: 'flights', partition, offset, column: 'a', reason });
        expect(contentOf(letter.record!)).toEqual(contentOf(record));
      }),
      { numRuns: 500 },
    );
  });

  it('shows texts as texts, and other bytes as base64', () => {
    const record = recordOf({
      partition: 3,
      offset: 7n,
      key: 'k',
      value: Buffer.from([0xff]),
      headers: [
        ['trace', 'one'],
        ['odd', Buffer.from([0xfe])],
        ['none', null],
      ],
    });
    expect(JSON.parse(lineOf(record))).toEqual({
      topic: 'flights',
      partition: 3,
      offset: '7',
      timestamp: null,
      column: 'a',
      reason: 'because',
      key: 'k',
      headers: [
        ['trace', 'one'],
        ['odd', { base64: '/g==' }],
        ['none', null],
      ],
      valueBase64: '/w==',
    });
  });

  it('keeps the headers of a row that an engine finds bad', async () => {
    const { letters } = await transformed({ types: { n: 'INTEGER' } }, [
      { value: '{"n":"x"}', key: 'k', headers: [['h', 'v']] },
    ]);
    expect(letters).toMatchObject([{ key: 'k', headers: [['h', 'v']], value: '{"n":"x"}' }]);
  });

  const whole = JSON.parse(lineOf(recordOf({ value: 'secret' }))) as Record<string, unknown>;
  const { value: _, ...valueless } = whole;
  it.each([
    ['that is no JSON', 'secret{'],
    ['with a field that is unknown', JSON.stringify({ ...whole, secret: 1 })],
    ['with two values', JSON.stringify({ ...whole, valueBase64: 'AA==' })],
    ['without a value', JSON.stringify(valueless)],
    ['with base64 that is none', JSON.stringify({ ...valueless, valueBase64: 'secret!' })],
    ['with an offset that is none', JSON.stringify({ ...whole, offset: '-secret' })],
    ['with headers that are no pairs', JSON.stringify({ ...whole, headers: [['secret']] })],
  ])('%s is refused without showing what stands in it', (_case, line) => {
    expect(() => parseDeadLetter(line)).toThrow(
      expect.objectContaining({
        code: 'CORRUPT_BATCH',
        message: expect.not.stringContaining('secret'),
      }),
    );
  });
});
