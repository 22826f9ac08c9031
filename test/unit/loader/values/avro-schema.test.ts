import avro from 'avsc';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { avroSchema, inlineAvro } from '../../../../functions/loader/values/avro/avro-schema.ts';
import { parseAvroSchema } from '../../../../functions/loader/values/avro/avro-types.ts';
import { fingerprintOf } from '../../../../functions/loader/values/avro/fingerprint.ts';
import { decodedText } from './decoded.ts';
import { exactLong } from './exact-long.ts';

function encoded(schema: avro.Schema, value: unknown): Buffer {
  return avro.Type.forSchema(schema, {
    wrapUnions: 'always',
    typeHook: (type) => (type === 'long' ? exactLong : undefined) as avro.Type,
  }).toBuffer(value);
}

const decode = (schema: unknown, bytes: Uint8Array) =>
  decodedText(avroSchema({ text: JSON.stringify(schema), references: [] }), bytes);

const record = (type: unknown) =>
  ({ type: 'record', name: 'Row', fields: [{ name: 'v', type }] }) as avro.Schema;
/** The schema as the encoder sees it: without logical types, which it would not know. */
const plain = (type: string) => record(type);

describe('avroSchema', () => {
  it('keeps every digit of every long and int', () => {
    const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    fc.assert(
      fc.property(long, fc.integer(), (large, small) => {
        expect(decode(record('long'), encoded(plain('long'), { v: large }))).toBe(`{"v":${large}}`);
        expect(decode(record('int'), encoded(plain('int'), { v: small }))).toBe(`{"v":${small}}`);
      }),
    );
  });

  it('keeps every digit of every decimal, of bytes and of fixed', () => {
    const unscaled = fc.bigInt({ min: -(10n ** 38n), max: 10n ** 38n });
    fc.assert(
      fc.property(unscaled, fc.integer({ min: 0, max: 38 }), (value, scale) => {
        const hex = BigInt.asUintN(136, value).toString(16).padStart(34, '0');
        const bytes = Buffer.from(hex, 'hex');
        const decimal = { logicalType: 'decimal', precision: 38, scale };
        const fixed = { type: 'fixed', name: 'F', size: 17 };
        const text = decode(
          record({ type: 'bytes', ...decimal }),
          encoded(plain('bytes'), { v: bytes }),
        );
        expect(decode(record({ ...fixed, ...decimal }), bytes)).toBe(text);
        const digits = /^\{"v":(-?\d+)(?:\.(\d+))?\}$/.exec(text)!;
        expect(digits[2]?.length ?? 0).toBe(scale);
        const sign = digits[1]!.startsWith('-') ? -1n : 1n;
        const magnitude = BigInt(`${digits[1]!.replace('-', '')}${digits[2] ?? ''}`);
        expect(sign * magnitude).toBe(value);
      }),
    );
  });

  it('gives back every double and float, and names what JSON has no numbers for', () => {
    fc.assert(
      fc.property(fc.double(), fc.float(), (double, float) => {
        const of = (type: string, value: number) =>
          JSON.parse(decode(record(type), encoded(plain(type), { v: value }))).v;
        const expected = (value: number) => (Number.isFinite(value) ? value : String(value));
        expect(of('double', double)).toStrictEqual(expected(double));
        const back = of('float', float);
        expect(typeof back === 'string' ? back : Math.fround(back)).toStrictEqual(expected(float));
      }),
    );
    expect(decode('float', encoded('float', Math.fround(0.1)))).toBe('0.1');
  });

  it('reads nested records, maps, arrays, enums and unions as the library wrote them', () => {
    const node = {
      type: 'record',
      name: 'Node',
      namespace: 'a.b',
      fields: [
        { name: 'text', type: 'string' },
        { name: 'colour', type: { type: 'enum', name: 'Colour', symbols: ['RED', 'GREEN'] } },
        { name: 'counts', type: { type: 'map', values: 'int' } },
        { name: 'bytes', type: 'bytes' },
        { name: 'either', type: ['null', 'boolean', 'string', { type: 'array', items: 'int' }] },
        { name: 'next', type: ['null', 'Node'] },
      ],
    } as unknown as avro.Schema;
    const leaf = {
      text: 'quote " back \\ line \n é 𝄞',
      colour: 'GREEN',
      counts: {},
      bytes: Buffer.from([0, 255]),
      either: null,
      next: null,
    };
    const value = {
      ...leaf,
      colour: 'RED',
      counts: { a: 1, 'b"': -2 },
      either: { array: [1, 2, 3] },
      next: { 'a.b.Node': leaf },
    };

    const shown = { ...leaf, bytes: 'AP8=' };
    expect(JSON.parse(decode(node, encoded(node, value)))).toEqual({
      ...shown,
      colour: 'RED',
      counts: value.counts,
      either: [1, 2, 3],
      next: shown,
    });
  });

  it.each([
    ['date', 'int', -1, '1969-12-31'],
    ['date', 'int', 2_932_896, '9999-12-31'],
    ['time-millis', 'int', 86_399_999, '23:59:59.999'],
    ['time-micros', 'long', 1n, '00:00:00.000001'],
    ['timestamp-millis', 'long', -1n, '1969-12-31T23:59:59.999Z'],
    ['timestamp-micros', 'long', 253_402_300_799_999_999n, '9999-12-31T23:59:59.999999Z'],
    ['timestamp-micros', 'long', -62_167_219_200_000_000n, '0000-01-01T00:00:00.000000Z'],
    ['timestamp-nanos', 'long', -1n, '1969-12-31T23:59:59.999999999Z'],
    ['local-timestamp-micros', 'long', 0n, '1970-01-01T00:00:00.000000'],
  ])('writes %s of %s as ISO text', (logicalType, type, value, text) => {
    const bytes = encoded(plain(type), { v: value });
    expect(decode(record({ type, logicalType }), bytes)).toBe(`{"v":"${text}"}`);
  });

  it('reads an unknown or misplaced logical type as the type underneath', () => {
    const bytes = encoded(plain('int'), { v: 7 });
    expect(decode(record({ type: 'int', logicalType: 'money' }), bytes)).toBe('{"v":7}');
    expect(decode(record({ type: 'int', logicalType: 'timestamp-millis' }), bytes)).toBe('{"v":7}');
  });

  it('writes a UUID of 16 bytes and a duration of three numbers as text', () => {
    const uuid = { type: 'fixed', name: 'U', size: 16, logicalType: 'uuid' };
    const duration = { type: 'fixed', name: 'D', size: 12, logicalType: 'duration' };
    const numbers = Buffer.alloc(12);
    numbers.writeUInt32LE(14, 0);
    numbers.writeUInt32LE(1_500, 8);
    expect(decode(uuid, Buffer.from('00112233445566778899aabbccddeeff', 'hex'))).toBe(
      '"00112233-4455-6677-8899-aabbccddeeff"',
    );
    expect(decode(duration, numbers)).toBe('"P14M0DT1.500S"');
  });

  it('resolves types of other schemas by their names', () => {
    const schema = avroSchema({
      text: '{"type":"record","name":"Order","fields":[{"name":"by","type":"shop.Customer"}]}',
      references: [
        {
          name: 'shop.Customer',
          text: '{"type":"record","name":"Customer","namespace":"shop","fields":[{"name":"id","type":"int"}]}',
        },
      ],
    });
    expect(decodedText(schema, Buffer.from([2]))).toBe('{"by":{"id":1}}');
  });

  it.each([
    ['ends too early', 'string', [10, 65]],
    ['has bytes behind it', 'int', [2, 2]],
    ['has a negative length', 'string', [1]],
    ['is no UTF-8', 'string', [2, 255]],
    ['has an unknown branch', ['null', 'int'], [4]],
    ['has a number of more than 64 bits', 'long', [255, 255, 255, 255, 255, 255, 255, 255, 255, 2]],
    ['has an int of more than 32 bits', 'int', [255, 255, 255, 255, 255, 1]],
  ])('refuses a value that %s', (_, schema, bytes) => {
    expect(() => decode(schema, Buffer.from(bytes))).toThrow(
      expect.objectContaining({
        constructor: expect.objectContaining({ name: 'UndecodableValue' }),
      }),
    );
  });

  it('gives up a few bytes that stand for no end of nulls', () => {
    const nulls = { type: 'array', items: 'null' };
    const endless = encoded(plain('long'), { v: 2n ** 40n });
    expect(() => decode(nulls, endless)).toThrow(/at most 67108864 bytes of JSON/);
  });

  it('gives up records without an end to their depth', () => {
    const node = {
      type: 'record',
      name: 'N',
      fields: [{ name: 'n', type: ['null', 'N'] }],
    };
    expect(() => decode(node, Buffer.alloc(100_000, 2))).toThrow(/more than 100 deep/);
  });
});

describe('inlineAvro', () => {
  it('has the fingerprints that the specification’s own tests have', () => {
    const hex = (text: string) => fingerprintOf(parseAvroSchema(text)).reverse().toString('hex');
    expect(hex('"null"')).toBe('63dd24e7cc258f8a');
    expect(hex('"int"')).toBe('7275d51a3f395c8f');
  });

  it('says of a text that is no schema where it stands', () => {
    expect(() => inlineAvro('{"type":"rocket"}', 'binary')).toThrow(
      expect.objectContaining({
        code: 'SCHEMA_MISMATCH',
        message: expect.stringContaining('format.schema is no Avro schema'),
      }),
    );
  });
});
