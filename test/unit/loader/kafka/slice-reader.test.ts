import { describe, expect, it } from 'vitest';
import type { OversizedRecords } from '../../../../functions/loader/records.ts';
import { makeRowWriter } from '../../../../functions/loader/rows/row-writer.ts';
import { plain, sliceRequest } from '../../../support/read-slice.ts';
import { specOf } from '../rows/rows-of.ts';
import { madeBatch } from './made-batches.ts';
import { madeReader, SMALL, upTo } from './made-reader.ts';

describe('fetching', () => {
  it('has one fetch under way to each broker while the answer before it is walked', async () => {
    const { clock, cluster, consumer, read } = madeReader(SMALL);
    cluster.fill(0, { batches: 10, perBatch: 10, leader: 1 });
    cluster.fill(1, { batches: 10, perBatch: 10, leader: 2 });
    const ahead: bigint[] = [];
    consumer.drain = async () => {
      // Lets the fetch that was sent before the walk arrive.
      await clock.sleep(5);
      const walked = BigInt(consumer.offsets(0).length);
      const asked = cluster.fetches.findLast(({ node }) => node === 1)?.partitions[0]?.offset ?? 0n;
      ahead.push(asked - walked);
      return true;
    };

    await read({ 0: [0, 100], 1: [0, 100] });

    expect(consumer.offsets(0)).toEqual(upTo(100));
    expect(consumer.offsets(1)).toEqual(upTo(100));
    expect(Number(ahead[0])).toBeGreaterThanOrEqual(0);
    const offsets = cluster.fetches
      .filter(({ node }) => node === 1)
      .map((f) => f.partitions[0]?.offset);
    expect(new Set(offsets).size).toBe(offsets.length);
  });

  it('asks no more of partitions that are finished', async () => {
    const { cluster, read } = madeReader();
    cluster.fill(0, { batches: 1, perBatch: 10 });
    cluster.fill(1, { batches: 1, perBatch: 5 });
    cluster.onFetch = ({ partitions }, partition) =>
      partition === 0 && partitions.length > 1 ? {} : undefined;

    await read({ 0: [0, 10], 1: [0, 5] });

    expect(cluster.fetches.map(({ partitions }) => partitions.map((p) => p.partition))).toEqual([
      [0, 1],
      [0],
    ]);
  });

  it('F28: lets every partition be the first in turn, so that none starves', async () => {
    const { cluster, consumer, read } = madeReader();
    for (const partition of [0, 1, 2]) cluster.fill(partition, { batches: 4, perBatch: 5 });
    // As a broker whose answers are full after one partition.
    cluster.onFetch = ({ partitions }, partition) =>
      partitions[0]?.partition === partition
        ? { records: cluster.recordsFrom(partition, partitions[0].offset, 1) }
        : {};

    await read({ 0: [0, 20], 1: [0, 20], 2: [0, 20] });

    const order = consumer.records.map(({ partition }) => partition).filter((_, i) => i % 5 === 0);
    expect(order).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]);
  });

  it('asks for more when a batch is larger than what was asked for', async () => {
    const { cluster, consumer, read } = madeReader({ partitionBytes: 1_000 });
    cluster.fill(0, { batches: 2, perBatch: 9_000 });
    // As a broker from before KIP-74, which cuts off even the first batch.
    cluster.onFetch = ({ partitions }) => {
      const { offset, maxBytes } = partitions[0] ?? { offset: 0n, maxBytes: 0 };
      return { records: cluster.recordsFrom(0, offset).subarray(0, maxBytes) };
    };
    await read({ 0: [0, 18_000] });

    expect(consumer.offsets()).toEqual(upTo(18_000));
  });

  it('fails when a batch that is still cut off is larger than the memory for it', async () => {
    const { cluster, read } = madeReader({ maxBatchBytes: 50_000 });
    cluster.fill(0, { batches: 1, perBatch: 9_000 });
    cluster.onFetch = () => ({ records: cluster.recordsFrom(0, 0n).subarray(0, 100) });

    await expect(read({ 0: [0, 9_000] })).rejects.toMatchObject({
      code: 'RECORD_TOO_LARGE',
      facts: { partition: 0, offset: 0n },
    });
  });

  it.each([
    ['cut off', 100],
    ['whole', undefined],
  ])('F27: goes on behind a batch that is too large when it may, %s', async (_case, cutAt) => {
    const { cluster, consumer, read } = madeReader({ maxBatchBytes: 2_000 });
    cluster.fill(0, { batches: 3, perBatch: 10 });
    cluster.fill(1, { batches: 1, perBatch: 5 });
    const large = madeBatch({
      baseOffset: 10n,
      records: Array.from({ length: 10 }, (_unused, delta) => ({ delta, value: 'x'.repeat(300) })),
    });
    const log = cluster.logs.get(0)!;
    log.batches[1] = { base: 10n, next: 20n, bytes: large };
    cluster.onFetch = ({ partitions }, partition) => {
      const asked = partitions.find((each) => each.partition === partition)?.offset;
      const isLarge = partition === 0 && asked !== undefined && asked >= 10n && asked < 20n;
      return isLarge ? { records: large.subarray(0, cutAt) } : undefined;
    };
    const passed: OversizedRecords[] = [];
    consumer.passOver = (records) => passed.push(records) > 0;

    const { to } = await read({ 0: [0, 25], 1: [0, 5] });

    expect(plain(to)).toEqual({ 0: 25, 1: 5 });
    expect(consumer.offsets(0)).toEqual([...upTo(10), 20, 21, 22, 23, 24]);
    expect(consumer.offsets(1)).toEqual(upTo(5));
    expect(passed).toMatchObject([
      {
        partition: 0,
        from: 10n,
        to: 20n,
        count: 10,
        bytes: large.length,
        reason: expect.stringMatching(
          /^10 records of offsets 10 to 19 are left out: the batch .*, allowed: 2000$/,
        ),
      },
    ]);
  });

  it('F27: ends with a batch that is too large when its slice ends within it', async () => {
    const { cluster, consumer, read } = madeReader({ maxBatchBytes: 1_000 });
    cluster.fill(0, { batches: 1, perBatch: 200 });
    const passed: OversizedRecords[] = [];
    consumer.passOver = (records) => passed.push(records) > 0;

    const { to } = await read({ 0: [5, 9] });

    expect(plain(to)).toEqual({ 0: 9 });
    expect(consumer.records).toEqual([]);
    expect(passed).toMatchObject([{ from: 5n, to: 9n, count: 4 }]);
  });

  it('F22: leaves a broker alone for as long as it asks', async () => {
    const { clock, cluster, consumer, read } = madeReader({ patienceMs: 1_000 });
    cluster.fill(0, { batches: 1, perBatch: 3 });
    cluster.throttleMs = 20_000;
    const begun = clock.now();

    await read({ 0: [0, 3] });

    expect(consumer.offsets()).toEqual([0, 1, 2]);
    expect(cluster.fetches).toHaveLength(2);
    expect(clock.now() - begun).toBeGreaterThanOrEqual(20_000);
  });

  it('tells of progress only when records arrive', async () => {
    const { cluster, read, beats } = madeReader();
    cluster.fill(0, { batches: 1, perBatch: 3 });
    let empty = 5;
    cluster.onFetch = () => (empty-- > 0 ? {} : undefined);

    await read({ 0: [0, 3] });

    expect(beats()).toBe(1);
  });

  it('never asks for more bytes in flight than allowed, however many brokers there are', async () => {
    const { cluster, read } = madeReader({ inFlightBytes: 8_388_608 });
    for (const partition of upTo(4)) {
      cluster.fill(partition, { batches: 1, perBatch: 3, leader: partition });
    }

    await read(Object.fromEntries(upTo(4).map((partition) => [partition, [0, 3] as const])));

    expect(cluster.fetches.map(({ maxBytes }) => maxBytes)).toEqual(Array(4).fill(2_097_152));
  });
});

describe('the consumer', () => {
  it('may take its time without the brokers being blamed', async () => {
    const { clock, cluster, consumer, read } = madeReader({ ...SMALL, patienceMs: 1_000 });
    cluster.fill(0, { batches: 10, perBatch: 10 });
    consumer.drain = async () => {
      clock.skip(60_000);
      return true;
    };

    await read({ 0: [0, 100] });

    expect(consumer.offsets()).toEqual(upTo(100));
  });

  it('stops the reading with its own error', async () => {
    const { cluster, consumer, read, opened } = madeReader();
    cluster.fill(0, { batches: 2, perBatch: 10 });
    consumer.drain = async () => {
      throw new Error('disk full');
    };

    await expect(read({ 0: [0, 20] })).rejects.toThrow('disk full');
    consumer.drain = async () => true;
    await read({ 0: [10, 20] });

    expect(consumer.offsets()).toEqual(upTo(20));
    expect(opened()).toBe(1);
  });

  it('is left alone after the deadline', async () => {
    const { clock, cluster, consumer, read } = madeReader();
    cluster.fill(0, { batches: 10, perBatch: 10 });
    consumer.drain = async () => {
      clock.skip(3_000);
      return true;
    };

    const { to } = await read({ 0: [0, 100] }, 8_000);

    expect(plain(to)).toEqual({ 0: 30 });
    expect(consumer.offsets()).toEqual(upTo(30));
  });

  it('has handed on every row up to where a reading ends whose deadline passes while it waits', async () => {
    const { clock, cluster, reader } = madeReader();
    cluster.fill(0, { batches: 10, perBatch: 10 });
    let taken = '';
    const rows = makeRowWriter({
      spec: specOf({ format: { type: 'raw' } }),
      topic: 'flights',
      writer: {
        write: async (chunk) => {
          await clock.sleep(200 * chunk.length);
          taken += Buffer.from(chunk).toString();
        },
      },
      limits: { maxRows: 1_000, maxBytes: 1_000_000 },
      chunkBytes: 1,
    });

    const { to } = await reader.read(
      sliceRequest(['127.0.0.1:1'], {
        topic: 'flights',
        slice: { 0: [0, 100] },
        deadline: clock.now() + 6_000,
      }),
      rows,
    );
    await rows.finish();

    expect(plain(to)).toEqual({ 0: 30 });
    expect(taken).toBe(
      upTo(30)
        .map((offset) => `${offset}\n`)
        .join(''),
    );
  });
});
