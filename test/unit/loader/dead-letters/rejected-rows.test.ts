import { expect, it } from 'vitest';
import { RejectedRows } from '../../../../functions/loader/dead-letters/rejected-rows.ts';
import { recordOf } from '../rows/record-of.ts';

const LARGE = 'x'.repeat(300_000);

it('lines go one chunk after the other, also when reading and mapping reject rows at once', async () => {
  const kept: string[] = [];
  let underWay = 0;
  let most = 0;
  const rejected = new RejectedRows({
    topic: 'flights',
    keep: async (chunk) => {
      underWay += 1;
      most = Math.max(most, underWay);
      const lines = Buffer.from(chunk).toString();
      for (let turn = 0; turn < lines.length / 50_000; turn += 1) await new Promise(setImmediate);
      kept.push(lines);
      underWay -= 1;
    },
  });
  const reject = async (offset: number) => {
    rejected.add(recordOf({ value: LARGE, offset: BigInt(offset) }), { reason: 'bad' });
    await rejected.drain();
  };

  await reject(0);
  await Promise.all([reject(1), reject(2)]);
  await rejected.finish();

  const offsets = kept
    .join('')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line).offset);
  expect({ offsets, most }).toEqual({ offsets: ['0', '1', '2'], most: 1 });
});

it('a chunk that cannot be kept fails the slice, whoever handed it over', async () => {
  const rejected = new RejectedRows({
    topic: 'flights',
    keep: async (chunk) => {
      await new Promise(setImmediate);
      if (chunk.length > 500_000) throw new Error('disk full');
    },
  });
  const add = () => rejected.add(recordOf({ value: LARGE }), { reason: 'bad' });
  add();
  await rejected.drain();
  add();
  add();

  const drained = await Promise.allSettled([rejected.drain(), rejected.drain()]);
  const finished = await Promise.allSettled([rejected.finish()]);

  const ends = [...drained, ...finished].map(({ status }) => status);
  expect(ends).toContain('rejected');
});
