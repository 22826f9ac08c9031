import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isExact, Ledger } from '../../../../../infra/local/demo/ledger.ts';

const ranges = new Map([
  [0, { low: 100, high: 103 }],
  [7, { low: 0, high: 1 }],
]);

function entered(): Ledger {
  const ledger = new Ledger(ranges);
  for (const [partition, offset] of [
    [0, 100],
    [0, 101],
    [0, 102],
    [7, 0],
  ] as const) {
    ledger.enter(partition, offset, `content ${partition}/${offset}`);
  }
  return ledger;
}
const meet = (ledger: Ledger, ...rows: (readonly [number, number, string?])[]) => {
  for (const [partition, offset, content] of rows) {
    ledger.meet(partition, offset, content ?? `content ${partition}/${offset}`);
  }
  return ledger.verdict();
};

describe('the comparison of a topic with its table', () => {
  it('is content when records that are to be left out have no row, and not when they have one', () => {
    const ledger = new Ledger(new Map([[0, { low: 0, high: 2 }]]));
    ledger.enter(0, 0, 'a');
    ledger.leaveOut(0, 1);
    ledger.leaveOut(0, 2);
    ledger.meet(0, 0, 'a');
    expect(ledger.verdict()).toMatchObject({ records: 2, filtered: 1, rows: 1 });
    expect(isExact(ledger.verdict())).toBe(true);
    ledger.meet(0, 1, 'b');
    expect(isExact(ledger.verdict())).toBe(false);
  });

  it('is content when every record has its one row, in any order', () => {
    const verdict = meet(entered(), [7, 0], [0, 102], [0, 100], [0, 101]);
    expect(verdict).toEqual({
      records: 4,
      filtered: 0,
      rows: 4,
      missing: 0,
      doubled: 0,
      different: 0,
      examples: [],
    });
    expect(isExact(verdict)).toBe(true);
  });

  it('finds a missing row and says which', () => {
    const verdict = meet(entered(), [0, 100], [0, 102], [7, 0]);
    expect(verdict).toMatchObject({ missing: 1, doubled: 0, different: 0 });
    expect(verdict.examples).toEqual(['partition 0 offset 101: a record, but no row']);
    expect(isExact(verdict)).toBe(false);
  });

  it('finds a doubled row, even where another is missing and the counts agree', () => {
    const verdict = meet(entered(), [0, 100], [0, 100], [0, 102], [7, 0]);
    expect(verdict).toMatchObject({ records: 4, rows: 4, missing: 1, doubled: 1, different: 0 });
    expect(verdict.examples[0]).toBe('partition 0 offset 100: more than one row');
    expect(isExact(verdict)).toBe(false);
  });

  it('finds a row whose content changed', () => {
    const verdict = meet(entered(), [0, 100], [0, 101, 'content 0/10l'], [0, 102], [7, 0]);
    expect(verdict).toMatchObject({ missing: 0, doubled: 0, different: 1 });
    expect(verdict.examples).toEqual(['partition 0 offset 101: another content: content 0/10l']);
    expect(isExact(verdict)).toBe(false);
  });

  it.each([
    [0, 99],
    [0, 103],
    [1, 0],
  ])('finds a row that has no record: partition %i offset %i', (partition, offset) => {
    const verdict = meet(entered(), [0, 100], [0, 101], [0, 102], [7, 0], [partition, offset]);
    expect(verdict).toMatchObject({ missing: 0, different: 1 });
    expect(isExact(verdict)).toBe(false);
  });

  it('asks no row for a hole, and counts one that is there', () => {
    const ledger = new Ledger(new Map([[0, { low: 0, high: 3 }]]));
    ledger.enter(0, 0, 'a');
    ledger.enter(0, 2, 'c');
    ledger.meet(0, 0, 'a');
    ledger.meet(0, 2, 'c');
    expect(isExact(ledger.verdict())).toBe(true);
    ledger.meet(0, 1, 'b');
    expect(ledger.verdict()).toMatchObject({ records: 2, rows: 3, different: 1 });
  });

  it('finds any one fault in any table', () => {
    const fault = fc.constantFrom('drop', 'double', 'change');
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), fc.nat(), fault, (rows, at, kind) => {
        const place = at % rows.length;
        const ledger = new Ledger(new Map([[3, { low: 0, high: rows.length }]]));
        for (const [offset, content] of rows.entries()) ledger.enter(3, offset, content);
        for (const [offset, content] of rows.entries()) {
          const hit = offset === place;
          if (hit && kind === 'drop') continue;
          ledger.meet(3, offset, hit && kind === 'change' ? `${content}.` : content);
          if (hit && kind === 'double') ledger.meet(3, offset, content);
        }
        expect(isExact(ledger.verdict())).toBe(false);
      }),
    );
  });
});
