import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PartBuffer } from '../../../../../functions/loader/sinks/s3/part-buffer.ts';

/** Cuts chunks into parts as an upload does. */
function partsOf(chunks: readonly Uint8Array[], partBytes: number): Buffer[] {
  const buffer = new PartBuffer();
  const parts: Buffer[] = [];
  const end = () => {
    parts.push(Buffer.from(buffer.bytes));
    buffer.clear();
  };
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      at += buffer.fill(chunk, at, partBytes);
      if (buffer.length === partBytes) end();
    }
  }
  if (buffer.length > 0) end();
  return parts;
}

test('chunks of any size become parts of one size, and nothing is lost', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 50 })),
      fc.integer({ min: 1, max: 64 }),
      (chunks, partBytes) => {
        const parts = partsOf(chunks, partBytes);
        expect(Buffer.concat(parts)).toEqual(Buffer.concat(chunks));
        for (const part of parts.slice(0, -1)) expect(part.length).toBe(partBytes);
      },
    ),
  );
});

test('memory that was cleared is used again, and a few rows take no more than they need', () => {
  const buffer = new PartBuffer();
  buffer.fill(Buffer.alloc(100, 'a'), 0, 1_000);
  expect(buffer.bytes.buffer.byteLength).toBe(100);
  buffer.fill(Buffer.alloc(2_000, 'b'), 0, 1_000);
  const memory = buffer.bytes.buffer;
  expect([buffer.length, memory.byteLength]).toEqual([1_000, 1_000]);

  buffer.clear();
  buffer.fill(Buffer.alloc(1_000, 'c'), 0, 1_000);

  expect(buffer.bytes.buffer).toBe(memory);
  expect(buffer.bytes.toString()).toBe('c'.repeat(1_000));
});
