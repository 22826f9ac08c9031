import { expect, it } from 'vitest';
import { PickedRecords } from '../../../../functions/loader/preview/picked-records.ts';
import type { WantedPart } from '../../../../functions/loader/preview/plan-reading.ts';
import { recordOf } from '../rows/record-of.ts';

const part = (side: WantedPart['side'], count: number): WantedPart => ({
  side,
  count,
  from: 0n,
  to: 1_000n,
});

function pick(parts: Record<number, WantedPart>, mayPassOver = false) {
  const wanted = new Map(Object.entries(parts).map(([p, each]) => [Number(p), each]));
  const picked = new PickedRecords(wanted, { mayPassOver });
  const places = () =>
    picked
      .all()
      .map(({ record, withheld }) =>
        record
          ? `${record.partition}/${record.offset}`
          : `${withheld.partition}/${withheld.from} withheld`,
      );
  const give = (partition: number, ...offsets: number[]) => {
    for (const offset of offsets) {
      picked.accept(recordOf({ partition, offset: BigInt(offset), value: `${offset}` }));
    }
  };
  return { picked, places, give };
}

it('keeps the first or the last records of each partition, by partition and offset', async () => {
  const { picked, places, give } = pick({ 0: part('last', 2), 3: part('first', 2) });
  give(3, 5, 6, 7);
  give(0, 1, 2, 3);
  give(9, 1);
  expect(places()).toEqual(['0/2', '0/3', '3/5', '3/6']);
  expect(picked.isShort).toBe(false);
  expect(await picked.drain()).toBe(true);
});

it('ends the reading when all first records are there, and copies what it keeps', async () => {
  const { picked, give } = pick({ 0: part('first', 1), 1: part('first', 1) });
  const record = recordOf({ value: 'abc' });
  picked.accept(record);
  record.buffer.fill(0);
  expect(await picked.drain()).toBe(true);
  expect(picked.isShort).toBe(true);
  give(1, 4);
  expect(await picked.drain()).toBe(false);
  const [kept] = picked.all();
  expect(kept?.record?.buffer.toString()).toContain('abc');
});

it('what is too large to be read is shown by its place where the policy leaves it out', () => {
  const withheld = { partition: 0, from: 4n, to: 6n, count: 2, bytes: 1e9, reason: 'too large' };
  const strict = pick({ 0: part('last', 2) });
  expect(strict.picked.passOver(withheld)).toBe(false);
  const lenient = pick({ 0: part('last', 2) }, true);
  lenient.give(0, 3);
  expect(lenient.picked.passOver(withheld)).toBe(true);
  expect(lenient.places()).toEqual(['0/3', '0/4 withheld']);
});

it('gives up records for which there is no memory, and leaves no gap between those that it keeps', async () => {
  const large = Buffer.alloc(40_000_000);
  const { picked, places } = pick({ 0: part('last', 3), 1: part('first', 3) });
  const give = (partition: number, offset: bigint) =>
    picked.accept(recordOf({ partition, offset, value: large }));
  give(0, 1n);
  give(0, 2n);
  expect(places()).toEqual(['0/2']);
  give(1, 1n);
  give(1, 2n);
  expect(places()).toEqual(['0/2', '1/1']);

  const firsts = pick({ 0: part('first', 3) });
  for (const offset of [1n, 2n, 3n]) {
    firsts.picked.accept(recordOf({ offset, value: large }));
  }
  expect(firsts.places()).toEqual(['0/1', '0/2']);
  expect(await firsts.picked.drain()).toBe(false);
});
