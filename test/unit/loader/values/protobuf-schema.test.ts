import fc from 'fast-check';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { protobufSchema } from '../../../../functions/loader/values/protobuf/protobuf-schema.ts';
import type { MessageIndex } from '../../../../functions/loader/values/value-schema.ts';
import { decodedText } from './decoded.ts';

const FILE = `
syntax = "proto3";
package shop;
import "google/protobuf/timestamp.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/wrappers.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/any.proto";
message First { string only_one = 1; }
message Row {
  enum Colour { NONE = 0; RED = 1; }
  message Inner { sint64 deep_value = 1; Inner next = 2; }
  int64 big_number = 1;
  uint64 unsigned = 2;
  repeated sfixed64 list = 3;
  map<string, Inner> inners = 4;
  map<int64, bool> by_number = 5;
  optional int32 perhaps = 6;
  oneof choice { string words = 7; bytes data = 8; }
  Colour colour = 9;
  google.protobuf.Timestamp at = 10;
  google.protobuf.Duration lasted = 11;
  google.protobuf.Int64Value wrapped = 12;
  google.protobuf.Struct free = 13;
  float share = 14;
  double exact = 15;
  google.protobuf.Any any = 16;
}
`;
const ROW: MessageIndex = [1];

/** The library's own encoder. */
function encoded(value: object, name = 'shop.Row', file = FILE): Uint8Array {
  const root = protobuf.parse(file, new protobuf.Root(), { keepCase: true }).root;
  for (const name of ['timestamp', 'duration', 'wrappers', 'struct', 'any']) {
    root.addJSON(protobuf.common.get(`google/protobuf/${name}.proto`)!.nested!);
  }
  const type = root.lookupType(name);
  return type.encode(type.fromObject(value)).finish();
}

/** The library's own form of it. */
const longOf = (value: bigint) => ({
  low: Number(BigInt.asIntN(32, value)),
  high: Number(BigInt.asIntN(32, value >> 32n)),
  unsigned: false,
});

const schema = protobufSchema({ text: FILE, references: [] });
const row = (value: object) => decodedText(schema, encoded(value), ROW);

describe('protobufSchema', () => {
  it('keeps every digit of integers with 64 bits, in lists, maps and wrappers too', () => {
    const signed = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    const unsigned = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    fc.assert(
      fc.property(signed, unsigned, (number, positive) => {
        const text = row({
          big_number: String(number),
          unsigned: String(positive),
          list: [String(number)],
          inners: { a: { deep_value: String(number) } },
          by_number: {
            [protobuf.util.longToHash(longOf(number))]: true,
          },
          wrapped: { value: String(number) },
        });
        expect(text).toContain(`"big_number":${number},"unsigned":${positive},"list":[${number}]`);
        expect(text).toContain(`"inners":{"a":{"deep_value":${number}}}`);
        expect(text).toContain(`"by_number":{"${number}":true}`);
        expect(text).toContain(`"wrapped":${number}`);
      }),
    );
  });

  it('shows fields without presence always, those with presence when they were set', () => {
    expect(JSON.parse(row({}))).toEqual({
      big_number: 0,
      unsigned: 0,
      list: [],
      inners: {},
      by_number: {},
      colour: 'NONE',
      share: 0,
      exact: 0,
    });
    expect(JSON.parse(row({ perhaps: 0, words: '' }))).toMatchObject({ perhaps: 0, words: '' });
  });

  it('follows Protobuf’s mapping to JSON for well-known types, bytes and odd numbers', () => {
    const any = { type_url: 'type.googleapis.com/un.Known', value: Buffer.from([1, 2]) };
    expect(
      JSON.parse(
        row({
          data: Buffer.from([0, 255]),
          colour: 1,
          at: { seconds: -1, nanos: 5_000_000 },
          lasted: { seconds: 3, nanos: 1 },
          free: { fields: { a: { numberValue: 1.5 }, b: { nullValue: 0 } } },
          share: 0.1,
          exact: Number.NaN,
          any,
        }),
      ),
    ).toMatchObject({
      data: 'AP8=',
      colour: 'RED',
      at: '1969-12-31T23:59:59.005Z',
      lasted: '3.000000001s',
      free: { a: 1.5, b: null },
      share: 0.1,
      exact: 'NaN',
      any: { '@type': any.type_url, value: 'AQI=' },
    });
  });

  it('finds messages by their indexes, and by Glue’s place among all names', () => {
    const inner = encoded({ deep_value: 7 }, 'shop.Row.Inner');
    const first = encoded({ only_one: 'x' }, 'shop.First');
    expect(decodedText(schema, inner, [1, 0])).toBe('{"deep_value":7}');
    expect(decodedText(schema, first)).toBe('{"only_one":"x"}');
    // shop.First, shop.Row, shop.Row.Inner
    expect(decodedText(schema, inner, 2)).toBe('{"deep_value":7}');
    expect(() => decodedText(schema, inner, [4])).toThrow('the schema has no message [4]');
  });

  it('resolves imports of other schemas, and says which one is missing', () => {
    const other = {
      name: 'a/other.proto',
      text: 'syntax="proto3"; package o; message O { int32 n = 1; }',
    };
    const text = 'syntax="proto3"; import "a/other.proto"; message M { o.O o = 1; }';
    const bytes = Buffer.from([0x0a, 0x02, 0x08, 0x05]);
    expect(decodedText(protobufSchema({ text, references: [other] }), bytes)).toBe('{"o":{"n":5}}');
    expect(() => protobufSchema({ text, references: [] })).toThrow(/imports a\/other\.proto/);
  });

  it('passes over fields that its schema does not have, and refuses what ends too early', () => {
    expect(decodedText(schema, Buffer.from([0x78, 0x01, 0x0a, 0x01, 0x41]))).toBe(
      '{"only_one":"A"}',
    );
    expect(() => decodedText(schema, Buffer.from([0x0a, 0x09, 0x41]))).toThrow(/no message First/);
    expect(() => decodedText(schema, Buffer.from([0x0a, 0x01, 0xff]))).toThrow(/no message First/);
  });
});
