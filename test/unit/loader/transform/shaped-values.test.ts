import { describe, expect, it } from 'vitest';
import { refusalOf, transformed } from './transformed.ts';

const array = { format: { type: 'json' as const, stripOuterArray: true } };

describe('arrays that an engine maps', () => {
  it('are filtered element by element, and counted record by record', async () => {
    const { lines, statistics } = await transformed(
      { ...array, types: { n: 'INTEGER' }, where: 'n > 1' },
      ['[{"n":1},{"n":2},{"n":3}]', '[{"n":0},{"n":1}]', '[]', '[{"n":4}]'],
    );
    expect(lines).toEqual(['{"n":2}', '{"n":3}', '{"n":4}']);
    expect(statistics.counts.get(0)).toEqual({ rows: 2, filtered: 1, rejected: 0, skipped: 1 });
    expect(statistics.elements).toBe(3);
  });

  it('are bad as a whole when one element is, and the rest keeps its order', async () => {
    const records = Array.from({ length: 500 }, (_, i) =>
      i % 7 === 3 ? `[{"n":${i}},{"n":"x"}]` : `[{"n":${i}},{"n":${i}}]`,
    );
    const { lines, letters, statistics } = await transformed(
      { ...array, types: { n: 'INTEGER' }, columns: 'n, o = _offset' },
      records,
      2_000,
    );
    const good = records.flatMap((_, i) => (i % 7 === 3 ? [] : [i, i]));
    expect(lines).toEqual(good.map((i) => `{"n":${i},"o":${i}}`));
    expect(letters.map(({ offset }) => Number(offset))).toEqual(
      records.flatMap((_, i) => (i % 7 === 3 ? [i] : [])),
    );
    expect(statistics.counts.get(0)).toMatchObject({ rows: good.length / 2, filtered: 0 });
    expect(statistics.elements).toBe(good.length);
  });

  it('and paths give expressions their fields', async () => {
    const given = {
      format: { type: 'json' as const, jsonRoot: '$.after', jsonPaths: ['$.id', '$.v.n'] },
      columns: 'id, n, twice = n * 2',
      types: { n: 'DECIMAL(20,2)' },
    };
    const { lines } = await transformed(given, ['{"after":{"id":7,"v":{"n":1.50}}}']);
    expect(lines).toEqual(['{"id":7,"n":1.50,"twice":3.00}']);
  });

  it('and paths do not find what they are not asked for', async () => {
    const given = { format: { type: 'json' as const, jsonPaths: ['$.id'] }, columns: 'id' };
    expect(await refusalOf({ ...given, where: 'other is null' })).toBe(
      'format.jsonPaths: finds id, but not other',
    );
  });
});
