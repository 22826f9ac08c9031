import { describe, expect, it } from 'vitest';
import { plain } from '../../../support/read-slice.ts';
import { CORRUPT_MESSAGE, damage, madeReader, OUT_OF_RANGE, SMALL, upTo } from './made-reader.ts';

describe('F23: an offset out of range', () => {
  it('is asked for again with fresh metadata before loss is declared', async () => {
    const { cluster, consumer, read } = madeReader();
    cluster.fill(0, { batches: 3, perBatch: 10 });
    let lies = 1;
    cluster.onFetch = () => (lies-- > 0 ? { errorCode: OUT_OF_RANGE } : undefined);

    await read({ 0: [0, 30] });

    expect(consumer.offsets()).toEqual(upTo(30));
    expect(cluster.looks).toBe(2);
  });

  it('fails with the bounds of the log', async () => {
    const { cluster, read } = madeReader();
    cluster.fill(0, { batches: 3, perBatch: 10 });
    const log = cluster.logs.get(0);
    if (log) log.start = 20n;

    await expect(read({ 0: [5, 30] })).rejects.toMatchObject({
      code: 'OFFSET_OUT_OF_RANGE',
      facts: { partition: 0, offset: 5n, to: 30n, logStart: 20n, logEnd: 30n },
    });
  });
});

describe('F22: a damaged batch', () => {
  it('is fetched again, and what was fetched after it counts only from there', async () => {
    const { cluster, consumer, read } = madeReader(SMALL);
    cluster.fill(0, { batches: 8, perBatch: 10 });
    let isDamaged = true;
    cluster.onFetch = ({ partitions }) => {
      if (!isDamaged || partitions[0]?.offset !== 0n) return undefined;
      isDamaged = false;
      const records = cluster.recordsFrom(0, 0n);
      const second = cluster.logs.get(0)?.batches[0]?.bytes.length ?? 0;
      return { records: damage(records.subarray(0, second * 4), second + 30) };
    };

    const { to } = await read({ 0: [0, 80] });

    expect(consumer.offsets()).toEqual(upTo(80));
    expect(plain(to)).toEqual({ 0: 80 });
  });

  it('fails the second time, with the records before it handed over once', async () => {
    const { cluster, consumer, read } = madeReader();
    cluster.fill(0, { batches: 3, perBatch: 10 });
    cluster.onFetch = ({ partitions }) => {
      const offset = partitions[0]?.offset ?? 0n;
      const skipped = offset >= 10n ? 0 : (cluster.logs.get(0)?.batches[0]?.bytes.length ?? 0);
      return { records: damage(cluster.recordsFrom(0, offset), skipped + 30) };
    };

    await expect(read({ 0: [0, 30] })).rejects.toMatchObject({
      code: 'CORRUPT_BATCH',
      facts: { partition: 0, offset: 10n },
    });
    expect(consumer.offsets()).toEqual(upTo(10));
  });

  it('that the broker itself finds is asked for twice', async () => {
    const { cluster, read } = madeReader();
    cluster.fill(0, { batches: 1, perBatch: 10 });
    cluster.onFetch = () => ({ errorCode: CORRUPT_MESSAGE });

    await expect(read({ 0: [0, 10] })).rejects.toMatchObject({ code: 'CORRUPT_BATCH' });
    expect(cluster.fetches).toHaveLength(2);
  });

  it('may be an answer that is cut off', async () => {
    const { cluster, consumer, read } = madeReader();
    cluster.fill(0, { batches: 1, perBatch: 10 });
    const send = cluster.send.bind(cluster);
    let cuts = 2;
    cluster.send = async (node, request) => {
      const answer = await send(node, request);
      return cuts-- > 0 ? answer.subarray(0, answer.length - 20) : answer;
    };

    await read({ 0: [0, 10] });

    expect(consumer.offsets()).toEqual(upTo(10));
  });
});
