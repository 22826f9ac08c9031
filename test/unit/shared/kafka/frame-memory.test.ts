import { expect, test } from 'vitest';
import { frameMemory } from '#shared/kafka/frame-memory.ts';

const MIB = 1024 * 1024;

test('what was given back is used again for an answer that fits, by any view into it', () => {
  const memory = frameMemory();
  const first = memory.take(3 * MIB);
  memory.giveBack(first.subarray(5, 100));

  const second = memory.take(2.5 * MIB);

  expect(second.buffer).toBe(first.buffer);
  expect(second.length).toBe(2.5 * MIB);
});

test('memory that is lent is lent to nobody else, nor what was given back twice', () => {
  const memory = frameMemory();
  const first = memory.take(MIB);
  memory.giveBack(first);
  memory.giveBack(first);

  const buffers = [memory.take(MIB), memory.take(MIB), memory.take(MIB)].map(
    ({ buffer }) => buffer,
  );

  expect(new Set(buffers).size).toBe(3);
});

test('a larger answer gets memory of its own, and the smallest that fits is taken', () => {
  const memory = frameMemory();
  const [small, large] = [memory.take(MIB), memory.take(8 * MIB)];
  memory.giveBack(large);
  memory.giveBack(small);

  expect(memory.take(MIB / 2).buffer).toBe(small.buffer);
  expect(memory.take(9 * MIB).buffer).not.toBe(large.buffer);
  expect(memory.take(2 * MIB).buffer).toBe(large.buffer);
});

test('no more is kept than what a loader has in flight', () => {
  const memory = frameMemory();
  const lent = Array.from({ length: 10 }, () => memory.take(8 * MIB));
  for (const each of lent) memory.giveBack(each);

  const before = new Set(lent.map(({ buffer }) => buffer));
  const again = Array.from({ length: 10 }, () => memory.take(8 * MIB));

  expect(again.filter(({ buffer }) => before.has(buffer))).toHaveLength(4);
});

test('memory of others is left alone', () => {
  const memory = frameMemory();
  const foreign = Buffer.alloc(MIB);
  memory.giveBack(foreign);
  const small = memory.take(100);
  memory.giveBack(small);

  expect(memory.take(MIB).buffer).not.toBe(foreign.buffer);
  expect(memory.take(100)).not.toBe(small);
});
