import { describe, expect, it } from 'vitest';
import { parseDeadLetter } from '../../../../functions/loader/dead-letters/parse-dead-letter.ts';
import { makeRowWriter } from '../../../../functions/loader/rows/row-writer.ts';
import { recordOf } from './record-of.ts';
import { specOf } from './rows-of.ts';

const LARGE = {
  partition: 3,
  from: 10n,
  to: 15n,
  count: 4,
  bytes: 200_000_000,
  reason: 'too large',
};

function writer(oversizedRecord?: 'pause' | 'skip') {
  const letters: Uint8Array[] = [];
  const rows = makeRowWriter({
    spec: specOf({ policies: { oversizedRecord } }),
    topic: 'flights',
    writer: { write: async () => {} },
    keep: async (chunk) => void letters.push(chunk),
    limits: { maxRows: 5, maxBytes: 1_000 },
  });
  return { rows, lines: () => Buffer.concat(letters).toString().split('\n').slice(0, -1) };
}

describe('F27: records that there is no memory for', () => {
  it('end the reading unless the policy says otherwise', async () => {
    const { rows, lines } = writer();
    expect(rows.passOver?.(LARGE)).toBe(false);
    const { counts, policies } = await rows.finish();
    expect([counts.size, policies, lines()]).toEqual([0, [], []]);
  });

  it('are bad rows, whose dead letter tells where they are and how large, but has no value', async () => {
    const { rows, lines } = writer('skip');
    expect(rows.passOver?.(LARGE)).toBe(true);
    expect(await rows.drain()).toBe(true);
    rows.accept(recordOf({ value: '{}', partition: 3, offset: 20n }));
    expect(await rows.drain()).toBe(false);
    const { counts, policies, badRows } = await rows.finish();
    expect([...counts]).toEqual([[3, { rows: 1, filtered: 0, rejected: 4, skipped: 0 }]]);
    expect(policies).toEqual([
      { policy: 'oversizedRecord', action: 'skip', partition: 3, count: 4, from: 10n, to: 15n },
    ]);
    expect(badRows).toEqual([{ partition: 3, offset: '10', reason: 'too large', excerpt: '' }]);
    const [line = '', ...others] = lines();
    expect(others).toEqual([]);
    expect(JSON.parse(line)).toMatchObject({ withheldBytes: 200_000_000 });
    expect(parseDeadLetter(line)).toEqual({
      topic: 'flights',
      partition: 3,
      offset: 10n,
      column: undefined,
      reason: '4 records of offsets 10 to 14 are left out: too large',
      record: undefined,
    });
  });
});
