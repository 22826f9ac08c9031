import { describe, expect, it } from 'vitest';
import { madeBatch, madeMarker } from './made-batches.ts';
import { offsets, walk } from './walked-batches.ts';

describe('F25: transactions', () => {
  const PRODUCER = 77n;
  const written = (baseOffset: bigint, producerId = PRODUCER) =>
    madeBatch({
      baseOffset,
      producerId,
      isTransactional: true,
      records: [
        { delta: 0, value: 'a' },
        { delta: 1, value: 'b' },
      ],
    });
  const log = [
    written(0n),
    madeMarker('abort', { offset: 2n, producerId: PRODUCER }),
    written(3n),
    madeMarker('commit', { offset: 5n, producerId: PRODUCER }),
    written(6n, 78n),
    written(8n),
    madeMarker('abort', { offset: 10n, producerId: PRODUCER }),
    madeMarker('commit', { offset: 11n, producerId: 78n }),
  ];
  const aborted = [
    { producerId: PRODUCER, firstOffset: 8n },
    { producerId: PRODUCER, firstOffset: 0n },
  ];

  it('that were aborted are left out for read_committed, and only those', () => {
    const result = walk(log, { aborted });

    expect(offsets(result)).toEqual([3, 4, 6, 7]);
    expect(result.position).toBe(12n);
  });

  it('are all handed over for read_uncommitted, without their markers', () => {
    const result = walk(log, { aborted, isolation: 'read_uncommitted' });

    expect(offsets(result)).toEqual([0, 1, 3, 4, 6, 7, 8, 9]);
  });

  it('may end with an abort marker whose beginning lies before the range', () => {
    const result = walk(log.slice(1), { from: 2n, aborted: aborted.slice(0, 1) });

    expect(offsets(result)).toEqual([3, 4, 6, 7]);
  });

  it('that began before the answer are left out from its start', () => {
    const result = walk([written(0n), madeMarker('abort', { offset: 2n, producerId: PRODUCER })], {
      from: 1n,
      aborted: [{ producerId: PRODUCER, firstOffset: -5n }],
    });

    expect(result).toEqual({ seen: [], position: 3n });
  });

  it('leave batches of the same producer outside of transactions alone', () => {
    const plain = madeBatch({ baseOffset: 2n, producerId: PRODUCER, records: [{ delta: 0 }] });

    expect(offsets(walk([written(0n), plain], { aborted }))).toEqual([2]);
  });

  it('may have a marker that compaction has emptied', () => {
    const emptied = madeBatch({
      baseOffset: 0n,
      records: [],
      isControl: true,
      isTransactional: true,
      producerId: PRODUCER,
    });

    expect(walk(emptied)).toEqual({ seen: [], position: 1n });
  });
});
