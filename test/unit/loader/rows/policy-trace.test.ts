import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PolicyTrace } from '../../../../functions/loader/rows/policy-trace.ts';
import { transformed } from '../transform/transformed.ts';
import { rowsOf } from './rows-of.ts';

describe('the trace of policies', () => {
  it('has one range for a policy and partition, from the first record to behind the last, in any order', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.bigInt(0n, 2n ** 63n - 2n), { minLength: 1, maxLength: 20 }),
        (offsets) => {
          const trace = new PolicyTrace();
          for (const offset of offsets) trace.add('tombstone', 'skip', { partition: 3, offset });
          const sorted = [...offsets].sort((a, b) => (a < b ? -1 : 1));
          expect(trace.applications()).toEqual([
            {
              policy: 'tombstone',
              action: 'skip',
              partition: 3,
              count: offsets.length,
              from: sorted[0],
              to: sorted.at(-1)! + 1n,
            },
          ]);
        },
      ),
    );
  });

  it('names each policy and partition of a slice, and no record that no policy touched', async () => {
    const { statistics } = await rowsOf(
      {
        columns: 'a',
        policies: { tombstone: 'skip', emptyValue: 'reject', unknownColumns: 'reject' },
      },
      [
        { value: '{"a":1}', offset: 1n },
        { value: null, offset: 4n },
        { value: '', offset: 5n },
        { value: '{"b":1}', offset: 6n },
        { value: null, offset: 9n },
        { value: 'broken', offset: 10n },
        { value: null, partition: 2, offset: 7n },
      ],
    );

    expect(statistics.policies).toEqual([
      { policy: 'tombstone', action: 'skip', partition: 0, count: 2, from: 4n, to: 10n },
      { policy: 'tombstone', action: 'skip', partition: 2, count: 1, from: 7n, to: 8n },
      { policy: 'emptyValue', action: 'reject', partition: 0, count: 1, from: 5n, to: 6n },
      { policy: 'unknownColumns', action: 'reject', partition: 0, count: 1, from: 6n, to: 7n },
    ]);
  });

  it('is kept where an engine maps the rows, too', async () => {
    const { statistics } = await transformed(
      { types: { a: 'INTEGER' }, policies: { tombstone: 'null', unknownColumns: 'reject' } },
      ['{"a":1}', { value: null, offset: 1n }, '{"b":1}'],
    );

    expect(statistics.policies).toEqual([
      { policy: 'tombstone', action: 'null', partition: 0, count: 1, from: 1n, to: 2n },
      { policy: 'unknownColumns', action: 'reject', partition: 0, count: 1, from: 2n, to: 3n },
    ]);
  });

  it('is empty where nothing was applied', async () => {
    const { statistics } = await rowsOf({}, ['{"a":1}']);
    expect(statistics.policies).toEqual([]);
  });
});
