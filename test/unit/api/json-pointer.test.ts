import { expect, test } from 'vitest';
import { jsonPointer } from '../../../functions/api/json-pointer.ts';

test.each([
  [[], ''],
  [['a', 0, 'b'], '/a/0/b'],
  [['a/b', 'm~n', ''], '/a~1b/m~0n/'],
])('%j is %j', (path, pointer) => {
  expect(jsonPointer(path)).toBe(pointer);
});
