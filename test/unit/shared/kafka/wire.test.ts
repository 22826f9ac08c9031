import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WireReader, WireWriter } from '#shared/kafka/wire.ts';

test('what is written is read again, whatever its size', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          int16: fc.integer({ min: -0x8000, max: 0x7fff }),
          int32: fc.integer(),
          int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
          uvarint: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
          text: fc.string({ unit: 'binary', maxLength: 700 }),
          flag: fc.boolean(),
        }),
      ),
      (rows) => {
        const writer = new WireWriter().int32(rows.length);
        for (const { int16, int32, int64, uvarint, text, flag } of rows) {
          writer.int16(int16).int32(int32).int64(int64).uvarint(uvarint);
          writer.string(text).compactString(text).boolean(flag).noTags();
        }
        const reader = new WireReader(writer.finish());
        const read = reader.array(() => {
          const [int16, int32, int64] = [reader.int16(), reader.int32(), reader.int64()];
          const [uvarint, text, compact] = [
            reader.uvarint(),
            reader.string(),
            reader.compactString(),
          ];
          const flag = reader.boolean();
          reader.tags();
          expect(compact).toBe(text);
          return { int16, int32, int64, uvarint, text, flag };
        });
        expect(read).toEqual(rows);
        expect(reader.offset).toBe(writer.finish().length);
      },
    ),
  );
});

test('null strings and null arrays are told from empty ones where that matters', () => {
  const bytes = new WireWriter().int16(-1).uvarint(0).string('').compactString('').int32(-1);
  const reader = new WireReader(bytes.finish());
  expect([reader.string(), reader.compactString()]).toEqual([null, null]);
  expect([reader.string(), reader.compactString()]).toEqual(['', '']);
  expect(reader.array(() => 1)).toEqual([]);
});

test('unknown tagged fields are passed over', () => {
  // Two fields: tag 0 with 3 bytes, tag 300 with 1 byte; then something else.
  const bytes = new WireWriter().uvarint(2).uvarint(0).uvarint(3).bytes(Buffer.from('abc'));
  bytes.uvarint(300).uvarint(1).int8(9).int8(7);
  const reader = new WireReader(bytes.finish());
  reader.tags();
  expect(reader.int8()).toBe(7);
});

test('an answer that ends too early is a KAFKA_ERROR', () => {
  const cut = new WireWriter().int32(3).int32(1).finish();
  const reader = new WireReader(cut);
  expect(() => reader.array(() => reader.int32())).toThrow(
    expect.objectContaining({ code: 'KAFKA_ERROR' }),
  );
});
