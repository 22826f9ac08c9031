import { describe, expect, it } from 'vitest';
import { parseDeadLetter } from '../../../../functions/loader/dead-letters/parse-dead-letter.ts';
import { makeRowWriter } from '../../../../functions/loader/rows/row-writer.ts';
import { transformed } from '../transform/transformed.ts';
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
      reason: 'too large',
      record: undefined,
      withheld: { ...LARGE, to: 11n, count: 1 },
    });
  });
});

describe('F27: a record that the engine has no memory for', () => {
  const large = { value: `{"n":1,"s":"${'x'.repeat(2_000)}"}`, partition: 2, offset: 7n };
  const given = { types: { n: 'INTEGER' as const }, columns: 'n, s' };

  it('ends the reading with its place, its size and the limit', async () => {
    await expect(transformed(given, ['{"n":1}', large], undefined, 1_000)).rejects.toMatchObject({
      code: 'RECORD_TOO_LARGE',
      message: expect.stringMatching(
        /offset 7 of partition 2 has 20\d\d bytes to be mapped, allowed: 1000/,
      ),
    });
  });

  it('is a bad row by the policy, and the others are loaded', async () => {
    const policies = { oversizedRecord: 'skip' as const };
    const records = ['{"n":1}', large, '{"n":2}'];
    const { lines, letters, statistics } = await transformed(
      { ...given, policies },
      records,
      undefined,
      1_000,
    );
    expect(lines).toEqual(['{"n":1,"s":null}', '{"n":2,"s":null}']);
    expect(letters).toMatchObject([{ partition: 2, offset: '7' }]);
    expect(letters[0]).not.toHaveProperty('value');
    expect(statistics.counts.get(2)).toMatchObject({ rejected: 1 });
    expect(statistics.policies).toMatchObject([{ policy: 'oversizedRecord', from: 7n, to: 8n }]);
  });
});
