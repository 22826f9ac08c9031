import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonFaults } from '../../../../../functions/shared/domain/spec/json-faults.ts';
import { parseJsonPath } from '../../../../../functions/shared/domain/spec/json-path.ts';
import type { MappingSpec } from '../../../../../functions/shared/domain/spec/mapping.ts';

describe('a path into JSON', () => {
  it.each([
    ['$', []],
    ['$.a', ['a']],
    ['$.straße[0].b_c-d', ['straße', 0, 'b_c-d']],
    ['$["zip code"]["a\\"b"]', ['zip code', 'a"b']],
    ['$[12]["0"]', [12, '0']],
  ])('%s names one value', (path, steps) => {
    expect(parseJsonPath(path)).toEqual(steps);
  });

  it.each([
    '',
    'a',
    '$.',
    '$.a.',
    '$..a',
    '$.*',
    '$[*]',
    '$[-1]',
    '$[a]',
    '$.a b',
    '$["a]',
    '$ .a',
  ])('%j is none', (path) => {
    expect(parseJsonPath(path)).toBeUndefined();
  });

  it('has at most 32 steps', () => {
    expect(parseJsonPath(`$${'.a'.repeat(32)}`)).toHaveLength(32);
    expect(parseJsonPath(`$${'.a'.repeat(33)}`)).toBeUndefined();
  });

  it('is read in time that does not explode, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('$', '.', '[', ']', '"', '\\', 'a', '0') }),
        (text) => {
          const steps = parseJsonPath(`$${text}`);
          expect(steps === undefined || steps.length <= 32).toBe(true);
        },
      ),
    );
  });
});

describe('paths of a job', () => {
  const destination: MappingSpec['destination'] = {
    file: { table: 't', format: 'ndjson', header: true, metadata: [] },
  };
  const faults = (format: object, columns?: string) =>
    jsonFaults({ format: { type: 'json', ...format }, columns, destination }).map(
      ([path, message]) => `${path.join('.')}: ${message}`,
    );

  it('fit the names in columns that have no expression', () => {
    expect(faults({ jsonPaths: ['$.x', '$.y'] }, 'a, b, c = a + b')).toEqual([]);
    expect(faults({ jsonPaths: ['$.x'] }, 'a, b')).toEqual([
      'format.jsonPaths: must have one path for each name in columns without an expression, got 1 for 2',
    ]);
    expect(faults({ jsonPaths: ['$.x'] })).toHaveLength(1);
  });

  it('are named where they are none', () => {
    const rule = 'must be a path like $.a["b c"][0] of at most 32 steps';
    expect(faults({ jsonRoot: '$..a', jsonPaths: ['$.a[*]'] }, 'a')).toEqual([
      `format.jsonRoot: ${rule}, got "$..a"`,
      `format.jsonPaths.0: ${rule}, got "$.a[*]"`,
    ]);
  });
});
