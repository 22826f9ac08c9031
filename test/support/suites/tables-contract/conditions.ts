import { describe, expect, it } from 'vitest';
import type { Write } from '#shared/store/tables.ts';
import type { MakeTables } from '../make-tables.ts';
import { ABSENT, change, job, put } from './writes.ts';

/** Conditions of a write, and what is told when they fail. */
export function describeConditions(make: MakeTables): void {
  describe('conditions', () => {
    const stored = { n: 5, s: 'm', b: true };
    it.each([
      ['absent, of a missing attribute', { attribute: 'x', is: 'absent' }, true],
      ['absent, of one that is there', { attribute: 'n', is: 'absent' }, false],
      ['present', { attribute: 'n', is: 'present' }, true],
      ['present, of a missing attribute', { attribute: 'x', is: 'present' }, false],
      ['equal numbers', { attribute: 'n', is: 'equal', value: 5 }, true],
      ['equal strings', { attribute: 's', is: 'equal', value: 'm' }, true],
      ['a number and the same digits', { attribute: 'n', is: 'equal', value: '5' }, false],
      ['equal, of a missing attribute', { attribute: 'x', is: 'equal', value: 5 }, false],
      ['equal, of another type', { attribute: 'b', is: 'equal', value: 'true' }, false],
      ['at most, equal', { attribute: 'n', is: 'at-most', value: 5 }, true],
      ['at most, above', { attribute: 'n', is: 'at-most', value: 4 }, false],
      ['at most, of strings', { attribute: 's', is: 'at-most', value: 'n' }, true],
      ['at most, of another type', { attribute: 's', is: 'at-most', value: 9 }, false],
      ['at most, of a missing attribute', { attribute: 'x', is: 'at-most', value: 5 }, false],
      ['one of', { attribute: 's', is: 'one-of', values: ['k', 'm'] }, true],
      ['none of', { attribute: 's', is: 'one-of', values: ['k', 'l'] }, false],
      ['one of, of a missing attribute', { attribute: 'x', is: 'one-of', values: ['k'] }, false],
    ] as const)('%s', async (_title, test, expected) => {
      const tables = await make();
      await tables.write(put(job('A'), stored));
      const outcome = await tables.write(change(job('A'), { seen: true }, [test]));
      expect(outcome.applied).toBe(expected);
    });

    it('all tests must hold', async () => {
      const tables = await make();
      await tables.write(put(job('A'), stored));
      const outcome = await tables.write(
        change(job('A'), { n: 6 }, [
          { attribute: 'n', is: 'equal', value: 5 },
          { attribute: 's', is: 'equal', value: 'z' },
        ]),
      );
      expect(outcome).toEqual({
        applied: false,
        old: { pk: 'JOB#1', sk: 'A', ...stored },
      });
      expect((await tables.get(job('A')))?.n).toBe(5);
    });

    it('a failed condition on a missing item has no old item', async () => {
      const tables = await make();
      const outcome = await tables.write(
        change(job('A'), { n: 1 }, [{ attribute: 'pk', is: 'present' }]),
      );
      expect(outcome).toEqual({ applied: false, old: undefined });
      expect(await tables.get(job('A'))).toBeUndefined();
    });

    it('a put on an absent item wins once', async () => {
      const tables = await make();
      const write = { ...put(job('A'), { n: 1 }), condition: ABSENT } as Write;
      expect(await tables.write(write)).toEqual({ applied: true });
      expect((await tables.write(write)).applied).toBe(false);
    });

    it('a delete needs its condition and may find nothing', async () => {
      const tables = await make();
      const free = { kind: 'delete', key: job('A'), condition: [{ attribute: 'n', is: 'absent' }] };
      await tables.write(put(job('A'), { n: 1 }));
      expect((await tables.write(free as Write)).applied).toBe(false);
      await tables.write({ kind: 'delete', key: job('A'), condition: [] });
      expect(await tables.get(job('A'))).toBeUndefined();
      expect((await tables.write(free as Write)).applied).toBe(true);
    });

    it('of two writers at once that need the same state one wins', async () => {
      const tables = await make();
      await tables.write(put(job('A'), { n: 0 }));
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          tables.write(
            change(job('A'), { n: 1, by: i }, [{ attribute: 'n', is: 'equal', value: 0 }]),
          ),
        ),
      );
      expect(outcomes.filter((outcome) => outcome.applied)).toHaveLength(1);
    });
  });
}
