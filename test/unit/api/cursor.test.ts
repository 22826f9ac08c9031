import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from '../../../functions/api/cursor.ts';

const place = fc.record({ from: fc.string(), before: fc.string() }, { requiredKeys: [] });

test('a cursor comes back as the place it stands for, and fits a query as it is', () => {
  fc.assert(
    fc.property(fc.string(), place, (list, at) => {
      const cursor = encodeCursor(list, at);
      expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
      expect(decodeCursor(list, cursor)).toEqual(at);
    }),
  );
});

test('a cursor is none of another list', () => {
  expect(decodeCursor('tasks:b', encodeCursor('tasks:a', { before: '1' }))).toBeUndefined();
});

test('any other text is no cursor', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(decodeCursor('jobs', text)).toBeUndefined();
    }),
  );
});
