import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut, facts, table, wrapped } from '../../../cli/table.ts';

describe('a table', () => {
  it('has figures to the right and nothing at the ends of its lines', () => {
    const columns = [{ title: 'name' }, { title: 'rows', right: true }, { title: 'note' }];
    expect(
      table(columns, [
        ['flights', '1,000', ''],
        ['a', '1', 'x'],
      ]),
    ).toEqual(['name      rows  note', 'flights  1,000', 'a            1  x']);
  });

  it('that is too wide is cut where it may be, the widest column first', () => {
    const columns = [{ title: 'name', least: 4 }, { title: 'id' }, { title: 'topic', least: 5 }];
    expect(table(columns, [['a-long-name', '0123456789', 'long-topic']], 26)).toEqual([
      'name   id          topic',
      'a-lo…  0123456789  long-t…',
    ]);
  });

  it('goes on in the next line in a column that wraps', () => {
    const columns = [{ title: 'when' }, { title: 'why', wraps: true }];
    expect(table(columns, [['now', 'it was so and not otherwise']], 26)).toEqual([
      'when  why',
      'now   it was so and not',
      '      otherwise',
    ]);
  });

  it('is never wider than asked for while its columns may be cut that far', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '-'), maxLength: 60 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, cell), { maxLength: 5 }),
        fc.integer({ min: 40, max: 120 }),
        (rows, width) => {
          const columns = [
            { title: 'a', least: 5 },
            { title: 'b', least: 5, right: true },
            { title: 'c', wraps: true },
          ];
          for (const line of table(columns, rows, width)) {
            expect(line.length).toBeLessThanOrEqual(width);
          }
        },
      ),
    );
  });
});

describe('text', () => {
  it('is broken between words, and within those that do not fit', () => {
    expect(wrapped('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrapped('a 0123456789 b', 4)).toEqual(['a', '0123', '4567', '89 b']);
    expect(wrapped('', 10)).toEqual([]);
  });

  it('loses no character but blanks when it is broken', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), fc.integer({ min: 1, max: 30 }), (text, width) => {
        const lines = wrapped(text, width);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('that is cut says so', () => {
    expect([cut('abcdef', 6), cut('abcdef', 4), cut('abc', 1)]).toEqual(['abcdef', 'abc…', '…']);
  });
});

it('facts stand below each other, and those that are absent are left out', () => {
  const pairs = [
    ['state', 'RUNNING'],
    ['note', undefined],
    ['reason', 'a b c d'],
  ] as const;
  expect(facts(pairs, 14)).toEqual([
    'state      RUN',
    '           NIN',
    '           G',
    'reason     a b',
    '           c d',
  ]);
});
