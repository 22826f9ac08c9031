import fc, { type Arbitrary } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { avroRows } from './avro-rows.ts';
import { readParquet } from './read-parquet.ts';

const typesOf = async (result: { bytes: Uint8Array }) =>
  Object.fromEntries(
    await readParquet(result, 'select column_name, column_type from (describe from $file)'),
  );

interface Kind {
  readonly name: string;
  readonly avro: unknown;
  readonly column: string;
  /** What the encoder takes. */
  readonly value: Arbitrary<unknown>;
  /** What a reader finds, and with what question. */
  readonly shown: (value: never) => unknown;
  readonly question?: string;
}

const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const DAY_MS = 86_400_000;
/** The years 1 to 9999. */
const instantMs = fc.bigInt({ min: -62_135_596_800_000n, max: 253_402_300_799_999n });
const decimalOf = (bytes: Buffer, scale: number) => {
  const unscaled = BigInt.asIntN(8 * bytes.length, BigInt(`0x${bytes.toString('hex')}`));
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
};
/** Two's complement of at most so many digits. */
const unscaled = (digits: number, size: number) =>
  fc.bigInt({ min: 1n - 10n ** BigInt(digits), max: 10n ** BigInt(digits) - 1n }).map((value) => {
    const hex = BigInt.asUintN(8 * size, value).toString(16);
    return Buffer.from(hex.padStart(2 * size, '0'), 'hex');
  });
const bytes = fc.uint8Array({ maxLength: 20 }).map((array) => Buffer.from(array));
const base64 = (value: Buffer) => value.toString('base64');
const shownTime = (ms: number) => new Date(ms).toISOString().slice(11, 23);

const KINDS: readonly Kind[] = [
  { name: 'f_boolean', avro: 'boolean', column: 'BOOLEAN', value: fc.boolean(), shown: String },
  { name: 'f_int', avro: 'int', column: 'INTEGER', value: fc.integer(), shown: String },
  { name: 'f_long', avro: 'long', column: 'BIGINT', value: long, shown: String },
  {
    name: 'f_float',
    avro: 'float',
    column: 'FLOAT',
    // Of the first two the shortest digits are not the same to everybody.
    value: fc.oneof(fc.float(), fc.constantFrom(2_097_195.25, 2 ** -149, 2 ** 24, 2 ** 127)),
    question: '"f_float"::double',
    shown: (value: number) => value,
  },
  {
    name: 'f_double',
    avro: 'double',
    column: 'DOUBLE',
    value: fc.double(),
    question: '"f_double"',
    shown: (value: number) => value,
  },
  {
    name: 'f_string',
    avro: 'string',
    column: 'VARCHAR',
    value: fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('2026-01-31', '7', 'true', '', '00112233-4455-6677-8899-aabbccddeeff'),
    ),
    shown: (value: string) => value,
  },
  { name: 'f_bytes', avro: 'bytes', column: 'VARCHAR', value: bytes, shown: base64 },
  {
    name: 'f_fixed',
    avro: { type: 'fixed', name: 'Six', size: 6 },
    column: 'VARCHAR',
    // The base64 of the last is a word that numbers have.
    value: fc.oneof(
      fc.uint8Array({ minLength: 6, maxLength: 6 }).map((array) => Buffer.from(array)),
      fc.constant(Buffer.from('Infinity', 'base64')),
    ),
    shown: base64,
  },
  {
    name: 'f_enum',
    avro: { type: 'enum', name: 'Word', symbols: ['RED', 'true', 'NaN'] },
    column: 'VARCHAR',
    value: fc.constantFrom('RED', 'true', 'NaN'),
    shown: (value: string) => value,
  },
  {
    name: 'f_decimal',
    avro: { type: 'bytes', logicalType: 'decimal', precision: 38, scale: 12 },
    column: 'DECIMAL(38,12)',
    value: unscaled(38, 16),
    shown: (value: Buffer) => decimalOf(value, 12),
  },
  {
    name: 'f_money',
    avro: { type: 'fixed', name: 'Money', size: 5, logicalType: 'decimal', precision: 9, scale: 2 },
    column: 'DECIMAL(9,2)',
    value: unscaled(9, 5),
    shown: (value: Buffer) => decimalOf(value, 2),
  },
  {
    name: 'f_wide',
    avro: { type: 'bytes', logicalType: 'decimal', precision: 60, scale: 3 },
    column: 'VARCHAR',
    value: unscaled(60, 26),
    shown: (value: Buffer) => decimalOf(value, 3),
  },
  {
    name: 'f_date',
    avro: { type: 'int', logicalType: 'date' },
    column: 'DATE',
    value: fc.integer({ min: -719_162, max: 2_932_896 }),
    shown: (days: number) => new Date(days * DAY_MS).toISOString().slice(0, 10),
  },
  {
    name: 'f_time_ms',
    avro: { type: 'int', logicalType: 'time-millis' },
    column: 'TIME',
    value: fc.nat({ max: DAY_MS - 1 }),
    question: `strftime('2000-01-01'::date + "f_time_ms", '%H:%M:%S.%g')`,
    shown: shownTime,
  },
  {
    name: 'f_time_us',
    avro: { type: 'long', logicalType: 'time-micros' },
    column: 'TIME',
    value: fc.bigInt({ min: 0n, max: 86_399_999_999n }),
    question: `strftime('2000-01-01'::date + "f_time_us", '%H:%M:%S.%f')`,
    shown: (us: bigint) =>
      `${shownTime(Number(us / 1_000n))}${String(us % 1_000n).padStart(3, '0')}`,
  },
  {
    name: 'f_ms',
    avro: { type: 'long', logicalType: 'timestamp-millis' },
    column: 'TIMESTAMP WITH TIME ZONE',
    value: instantMs,
    question: 'epoch_us("f_ms")',
    shown: (ms: bigint) => String(ms * 1_000n),
  },
  {
    name: 'f_us',
    avro: { type: 'long', logicalType: 'timestamp-micros' },
    column: 'TIMESTAMP WITH TIME ZONE',
    value: instantMs.map((ms) => ms * 1_000n + 7n),
    question: 'epoch_us("f_us")',
    shown: String,
  },
  {
    name: 'f_local',
    avro: { type: 'long', logicalType: 'local-timestamp-micros' },
    column: 'TIMESTAMP',
    value: instantMs.map((ms) => ms * 1_000n + 7n),
    question: 'epoch_us("f_local")',
    shown: String,
  },
  {
    name: 'f_ns',
    avro: { type: 'long', logicalType: 'timestamp-nanos' },
    column: 'VARCHAR',
    value: long,
    shown: (ns: bigint) => {
      const fraction = ((ns % 10n ** 9n) + 10n ** 9n) % 10n ** 9n;
      const at = new Date(Number((ns - fraction) / 10n ** 6n)).toISOString().slice(0, 19);
      return `${at}.${String(fraction).padStart(9, '0')}Z`;
    },
  },
  {
    name: 'f_uuid',
    avro: { type: 'string', logicalType: 'uuid' },
    column: 'UUID',
    value: fc.uuid(),
    shown: (value: string) => value,
  },
  {
    name: 'f_list',
    avro: { type: 'array', items: 'long' },
    column: 'JSON',
    value: fc.array(long, { maxLength: 3 }),
    shown: (values: bigint[]) => `[${values.join(',')}]`,
  },
  {
    name: 'f_map',
    avro: { type: 'map', values: 'int' },
    column: 'JSON',
    value: fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.integer(), { maxKeys: 3 }),
    shown: (value: object) => JSON.stringify(value),
  },
  {
    name: 'f_record',
    avro: { type: 'record', name: 'Inner', fields: [{ name: 'n', type: ['null', 'int'] }] },
    column: 'JSON',
    value: fc.option(fc.integer()).map((n) => ({ n: n === null ? null : { int: n } })),
    shown: ({ n }: { n: { int: number } | null }) => `{"n":${n?.int ?? 'null'}}`,
  },
];

const FIELDS = KINDS.map(({ name, avro }) => ({ name, type: avro }));
const row = fc.record(Object.fromEntries(KINDS.map(({ name, value }) => [name, value])));

describe('a column of Parquet', () => {
  it('has the type that Avro’s schema says, and every value of it exactly', async () => {
    const selected = KINDS.map(({ name, question }) => question ?? `"${name}"::varchar`);
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 50 }), async (rows) => {
        const result = await avroRows(FIELDS, rows, { sampled: 1 });
        expect(result.letters).toEqual([]);
        expect(await typesOf(result)).toEqual(
          Object.fromEntries(KINDS.map(({ name, column }) => [name, column])),
        );
        const found = await readParquet(result, `select ${selected.join(', ')} from $file`);
        expect(found.map((cells) => cells.map(plain))).toEqual(
          rows.map((values) => KINDS.map(({ name, shown }) => plain(shown(values[name] as never)))),
        );
      }),
      { numRuns: 15 },
    );
  }, 60_000);

  it('has that type when a sample shows nothing of it', async () => {
    const nullable = KINDS.map(({ name, avro }) => ({ name, type: ['null', avro] }));
    const nulls = Object.fromEntries(KINDS.map(({ name }) => [name, null]));
    const result = await avroRows(nullable, [nulls]);
    expect(await typesOf(result)).toEqual(
      Object.fromEntries(KINDS.map(({ name, column }) => [name, column])),
    );
  });
});

it('bytes, which are base64 in JSON, become bytes again by an expression', async () => {
  const value = Buffer.from([0, 255, 7]);
  const columns = 'raw = from_base64(payload)';
  const result = await avroRows([{ name: 'payload', type: 'bytes' }], [{ payload: value }], {
    columns,
  });
  expect(await typesOf(result)).toEqual({ raw: 'BLOB' });
  expect(await readParquet(result, 'select hex(raw) from $file')).toEqual([['00FF07']]);
});

/** Readers have their own words for numbers that JSON does not have. */
function plain(value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
