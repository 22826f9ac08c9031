import type { TestRecord } from './kafka.ts';

/** Records with their number in key and value. */
export const numbered = (count: number, partition = 0): TestRecord[] =>
  Array.from({ length: count }, (_, i) => ({ partition, key: `k${i}`, value: `value ${i}` }));

/** The numbers of [from, to). */
export const range = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => from + i);
