import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CODECS } from '../../../../functions/loader/kafka/codecs.ts';
import { madeBatch } from './made-batches.ts';
import { walk } from './walked-batches.ts';

describe('any log and any range', () => {
  const anyText = fc.option(fc.string({ unit: 'binary-ascii', maxLength: 200 }), { nil: null });
  const anyRecord = fc.record({
    gap: fc.integer({ min: 0, max: 3 }),
    key: anyText,
    value: anyText,
    timestampDelta: fc.maxSafeInteger(),
    headers: fc.array(fc.tuple(fc.string({ unit: 'binary-ascii', maxLength: 9 }), anyText), {
      maxLength: 3,
    }),
  });
  const anyBatch = fc.record({
    gap: fc.integer({ min: 0, max: 5 }),
    tail: fc.integer({ min: 0, max: 5 }),
    codec: fc.constantFrom(...CODECS),
    records: fc.array(anyRecord, { maxLength: 12 }),
  });

  it('give exactly the records of the range, as a naive reading does', () => {
    fc.assert(
      fc.property(
        fc.array(anyBatch, { maxLength: 6 }),
        fc.nat(60),
        fc.nat(60),
        (batches, from, length) => {
          const model: {
            offset: bigint;
            key: string | null;
            value: string | null;
            timestamp: number;
          }[] = [];
          const bytes: Buffer[] = [];
          let end = 0;
          for (const { gap, tail, codec, records } of batches) {
            const base = end + gap;
            let delta = -1;
            const made = records.map(({ gap: hole, ...record }) => {
              delta += 1 + hole;
              const { key, value, timestampDelta } = record;
              model.push({ offset: BigInt(base + delta), key, value, timestamp: timestampDelta });
              return { delta, ...record };
            });
            const lastOffsetDelta = Math.max(delta, 0) + tail;
            bytes.push(
              madeBatch({
                baseOffset: BigInt(base),
                baseTimestamp: 0,
                codec,
                records: made,
                lastOffsetDelta,
              }),
            );
            end = base + lastOffsetDelta + 1;
          }
          const to = from + length;

          const { seen, position } = walk(bytes, { from: BigInt(from), to: BigInt(to) });

          expect(
            seen.map(({ offset, key, value, timestamp }) => ({ offset, key, value, timestamp })),
          ).toEqual(model.filter(({ offset }) => offset >= from && offset < to));
          expect(position).toBe(BigInt(Math.max(from, Math.min(end, to))));
        },
      ),
      { numRuns: 300 },
    );
  });
});
