import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LoadFailure } from '#shared/domain/failure.ts';
import type { FetchSettings } from '../../../../functions/loader/kafka/fetch-settings.ts';
import { makeSliceReader } from '../../../../functions/loader/kafka/slice-reader.ts';
import type { OversizedRecords, SliceRead } from '../../../../functions/loader/records.ts';
import {
  KeepingConsumer,
  type PlainSlice,
  plain,
  sliceRequest,
} from '../../../support/read-slice.ts';
import { madeBatch } from './made-batches.ts';
import { MadeCluster } from './made-cluster.ts';
import { RunningClock } from './running-clock.ts';

const NOT_LEADER = 6;
const OUT_OF_RANGE = 1;
const CORRUPT_MESSAGE = 2;
const OFFSET_NOT_AVAILABLE = 78;
const AUTHORIZATION_FAILED = 29;

/** About two batches of ten. */
const SMALL = { answerBytes: 300, partitionBytes: 300 };

const upTo = (count: number) => Array.from({ length: count }, (_, offset) => offset);

function damage(records: Buffer, at: number): Buffer {
  const damaged = Buffer.from(records);
  damaged[at]! ^= 0xff;
  return damaged;
}

function setUp(settings: Partial<FetchSettings> = {}) {
  const clock = new RunningClock();
  const clusters = [new MadeCluster(clock)];
  let opened = 0;
  const reader = makeSliceReader({
    clock,
    settings,
    open: async () => {
      const next = clusters[Math.min(opened, clusters.length - 1)];
      opened += 1;
      if (!next) throw new LoadFailure('BROKER_UNREACHABLE', 'nothing to open');
      next.isClosed = false;
      return next;
    },
  });
  const consumer = new KeepingConsumer();
  let beats = 0;
  const read = (slice: PlainSlice, within = 3_600_000): Promise<SliceRead> =>
    reader.read(
      sliceRequest(['127.0.0.1:1'], {
        topic: 'flights',
        slice,
        deadline: clock.now() + within,
        onProgress: () => {
          beats += 1;
        },
      }),
      consumer,
    );
  const cluster = clusters[0] as MadeCluster;
  return {
    clock,
    cluster,
    clusters,
    reader,
    consumer,
    read,
    beats: () => beats,
    opened: () => opened,
  };
}

describe('fetching', () => {
  it('has one fetch under way to each broker while the answer before it is walked', async () => {
    const { clock, cluster, consumer, read } = setUp(SMALL);
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
    const { cluster, read } = setUp();
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
    const { cluster, consumer, read } = setUp();
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
    const { cluster, consumer, read } = setUp({ partitionBytes: 1_000 });
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
    const { cluster, read } = setUp({ maxBatchBytes: 50_000 });
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
    const { cluster, consumer, read } = setUp({ maxBatchBytes: 2_000 });
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
    const { cluster, consumer, read } = setUp({ maxBatchBytes: 1_000 });
    cluster.fill(0, { batches: 1, perBatch: 200 });
    const passed: OversizedRecords[] = [];
    consumer.passOver = (records) => passed.push(records) > 0;

    const { to } = await read({ 0: [5, 9] });

    expect(plain(to)).toEqual({ 0: 9 });
    expect(consumer.records).toEqual([]);
    expect(passed).toMatchObject([{ from: 5n, to: 9n, count: 4 }]);
  });

  it('F22: leaves a broker alone for as long as it asks', async () => {
    const { clock, cluster, consumer, read } = setUp({ patienceMs: 1_000 });
    cluster.fill(0, { batches: 1, perBatch: 3 });
    cluster.throttleMs = 20_000;
    const begun = clock.now();

    await read({ 0: [0, 3] });

    expect(consumer.offsets()).toEqual([0, 1, 2]);
    expect(cluster.fetches).toHaveLength(2);
    expect(clock.now() - begun).toBeGreaterThanOrEqual(20_000);
  });

  it('tells of progress only when records arrive', async () => {
    const { cluster, read, beats } = setUp();
    cluster.fill(0, { batches: 1, perBatch: 3 });
    let empty = 5;
    cluster.onFetch = () => (empty-- > 0 ? {} : undefined);

    await read({ 0: [0, 3] });

    expect(beats()).toBe(1);
  });

  it('never asks for more bytes in flight than allowed, however many brokers there are', async () => {
    const { cluster, read } = setUp({ inFlightBytes: 8_388_608 });
    for (const partition of upTo(4)) {
      cluster.fill(partition, { batches: 1, perBatch: 3, leader: partition });
    }

    await read(Object.fromEntries(upTo(4).map((partition) => [partition, [0, 3] as const])));

    expect(cluster.fetches.map(({ maxBytes }) => maxBytes)).toEqual(Array(4).fill(2_097_152));
  });
});

describe('F22: a leader that is not where it was', () => {
  it('is looked for, with growing pauses, until it is found', async () => {
    const { clock, cluster, consumer, read } = setUp(SMALL);
    cluster.fill(0, { batches: 6, perBatch: 10 });
    const log = cluster.logs.get(0);
    if (!log) throw new Error('no log');
    let looks = 0;
    consumer.drain = async () => {
      if (consumer.records.length === 10) log.leader = -1;
      return true;
    };
    cluster.onFetch = () => (log.leader === -1 ? { errorCode: NOT_LEADER } : undefined);
    cluster.onLook = () => {
      looks += 1;
      if (looks === 5) log.leader = 2;
    };
    const begun = clock.now();

    await read({ 0: [0, 60] });

    expect(consumer.offsets()).toEqual(upTo(60));
    expect(clock.now() - begun).toBeGreaterThan(100 + 200 + 400);
  });

  it('does not keep other partitions from being read', async () => {
    const { cluster, consumer, read } = setUp({ patienceMs: 5_000 });
    cluster.fill(0, { batches: 2, perBatch: 10, leader: -1 });
    cluster.fill(1, { batches: 2, perBatch: 10 });

    await expect(read({ 0: [0, 20], 1: [0, 20] })).rejects.toMatchObject({
      code: 'KAFKA_ERROR',
      message: 'partition 0 of flights has no leader now',
    });
    expect(consumer.offsets(1)).toEqual(upTo(20));
  });

  it('may be a broker that does not answer', async () => {
    const { cluster, consumer, read } = setUp();
    cluster.fill(0, { batches: 3, perBatch: 10 });
    let failures = 3;
    cluster.onFetch = () => {
      if (failures-- > 0) throw new LoadFailure('BROKER_UNREACHABLE', 'reset');
      return undefined;
    };

    await read({ 0: [0, 30] });

    expect(consumer.offsets()).toEqual(upTo(30));
  });

  it('fails with the trouble when nothing comes for too long', async () => {
    const { clock, cluster, read } = setUp({ patienceMs: 7_000 });
    cluster.fill(0, { batches: 3, perBatch: 10 });
    cluster.onFetch = () => {
      throw new LoadFailure('BROKER_UNREACHABLE', 'broker 127.0.0.1:1 does not answer');
    };
    const begun = clock.now();

    await expect(read({ 0: [0, 30] })).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' });
    expect(clock.now() - begun).toBeLessThan(12_000);
  });

  it('fails at the deadline with the trouble when nothing was read, and succeeds with less otherwise', async () => {
    const { cluster, consumer, read } = setUp();
    cluster.fill(0, { batches: 3, perBatch: 10 });
    cluster.onFetch = () => ({ errorCode: NOT_LEADER });

    await expect(read({ 0: [0, 30] }, 5_000)).rejects.toMatchObject({ code: 'KAFKA_ERROR' });
    cluster.onFetch = () =>
      consumer.records.length > 0
        ? { errorCode: NOT_LEADER }
        : { records: cluster.recordsFrom(0, 0n, 1) };
    const { to } = await read({ 0: [0, 30] }, 5_000);

    expect(plain(to)).toEqual({ 0: 10 });
  });

  it('is not asked again when it refuses us', async () => {
    const { cluster, read } = setUp();
    cluster.fill(0, { batches: 1, perBatch: 10 });
    cluster.onFetch = () => ({ errorCode: AUTHORIZATION_FAILED });

    await expect(read({ 0: [0, 10] })).rejects.toMatchObject({ code: 'BROKER_AUTH_FAILED' });
    expect(cluster.fetches).toHaveLength(1);
  });
});

describe('a replica that is closer', () => {
  it('is read from when the leader says so', async () => {
    const { cluster, consumer, read } = setUp({ rackId: 'use1-az1' });
    cluster.fill(0, { batches: 3, perBatch: 10, leader: 1 });
    cluster.onFetch = ({ node, partitions }) =>
      node === 1
        ? { preferredReadReplica: 5 }
        : { records: cluster.recordsFrom(0, partitions[0]?.offset ?? 0n, 1) };

    await read({ 0: [0, 30] });

    expect(consumer.offsets()).toEqual(upTo(30));
    expect(cluster.fetches.map(({ node }) => node)).toEqual([1, 5, 5, 5]);
    expect(cluster.fetches.every(({ rackId }) => rackId === 'use1-az1')).toBe(true);
  });

  it.each([
    ['is behind', OFFSET_NOT_AVAILABLE],
    ['has lost the offset', OUT_OF_RANGE],
    ['is a replica no more', NOT_LEADER],
  ])('is given up for the leader when it %s', async (_, errorCode) => {
    const { cluster, consumer, read } = setUp({ rackId: 'use1-az1' });
    cluster.fill(0, { batches: 3, perBatch: 10, leader: 1 });
    cluster.onFetch = ({ node, rackId }) => {
      if (node !== 1) return { errorCode };
      return rackId === '' ? undefined : { preferredReadReplica: 5 };
    };

    await read({ 0: [0, 30] });

    expect(consumer.offsets()).toEqual(upTo(30));
    expect(cluster.fetches.filter(({ node }) => node === 5)).toHaveLength(1);
  });
});

describe('F23: an offset out of range', () => {
  it('is asked for again with fresh metadata before loss is declared', async () => {
    const { cluster, consumer, read } = setUp();
    cluster.fill(0, { batches: 3, perBatch: 10 });
    let lies = 1;
    cluster.onFetch = () => (lies-- > 0 ? { errorCode: OUT_OF_RANGE } : undefined);

    await read({ 0: [0, 30] });

    expect(consumer.offsets()).toEqual(upTo(30));
    expect(cluster.looks).toBe(2);
  });

  it('fails with the bounds of the log', async () => {
    const { cluster, read } = setUp();
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
    const { cluster, consumer, read } = setUp(SMALL);
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
    const { cluster, consumer, read } = setUp();
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
    const { cluster, read } = setUp();
    cluster.fill(0, { batches: 1, perBatch: 10 });
    cluster.onFetch = () => ({ errorCode: CORRUPT_MESSAGE });

    await expect(read({ 0: [0, 10] })).rejects.toMatchObject({ code: 'CORRUPT_BATCH' });
    expect(cluster.fetches).toHaveLength(2);
  });

  it('may be an answer that is cut off', async () => {
    const { cluster, consumer, read } = setUp();
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

describe('connections', () => {
  it('are kept from slice to slice, with what they know of leaders', async () => {
    const { cluster, consumer, read, opened } = setUp();
    cluster.fill(0, { batches: 2, perBatch: 10 });

    await read({ 0: [0, 10] });
    await read({ 0: [10, 20] });

    expect(consumer.offsets()).toEqual(upTo(20));
    expect(opened()).toBe(1);
    expect(cluster.looks).toBe(1);
  });

  it('are opened afresh after a failure that they may be the cause of', async () => {
    const { clock, clusters, cluster, consumer, read } = setUp();
    cluster.fill(0, { batches: 2, perBatch: 10 });
    cluster.onFetch = () => ({ errorCode: AUTHORIZATION_FAILED });
    const second = new MadeCluster(clock);
    second.fill(0, { batches: 2, perBatch: 10 });
    clusters.push(second);

    await expect(read({ 0: [0, 20] })).rejects.toMatchObject({ code: 'BROKER_AUTH_FAILED' });
    await read({ 0: [0, 20] });

    expect(cluster.isClosed).toBe(true);
    expect(consumer.offsets()).toEqual(upTo(20));
  });

  it('that could not be opened are tried again by the next slice', async () => {
    const { clusters, cluster, consumer, read } = setUp();
    cluster.fill(0, { batches: 1, perBatch: 10 });
    clusters.splice(0);

    await expect(read({ 0: [0, 10] })).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' });
    clusters.push(cluster);
    await read({ 0: [0, 10] });

    expect(consumer.offsets()).toEqual(upTo(10));
  });

  it('are ended by close', async () => {
    const { cluster, read, reader } = setUp();
    cluster.fill(0, { batches: 1, perBatch: 10 });
    await read({ 0: [0, 10] });

    await reader.close();

    expect(cluster.isClosed).toBe(true);
  });
});

describe('the consumer', () => {
  it('may take its time without the brokers being blamed', async () => {
    const { clock, cluster, consumer, read } = setUp({ ...SMALL, patienceMs: 1_000 });
    cluster.fill(0, { batches: 10, perBatch: 10 });
    consumer.drain = async () => {
      clock.skip(60_000);
      return true;
    };

    await read({ 0: [0, 100] });

    expect(consumer.offsets()).toEqual(upTo(100));
  });

  it('stops the reading with its own error', async () => {
    const { cluster, consumer, read, opened } = setUp();
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
    const { clock, cluster, consumer, read } = setUp();
    cluster.fill(0, { batches: 10, perBatch: 10 });
    consumer.drain = async () => {
      clock.skip(3_000);
      return true;
    };

    const { to } = await read({ 0: [0, 100] }, 8_000);

    expect(plain(to)).toEqual({ 0: 30 });
    expect(consumer.offsets()).toEqual(upTo(30));
  });
});

describe('whatever brokers do', () => {
  const FAULTS = [
    'none',
    'moves',
    'unknown',
    'unavailable',
    'late',
    'reset',
    'damaged',
    'empty',
    'throttled',
    'replica',
  ] as const;

  it('every record of the slice is handed over once and in order', async () => {
    const anyFaults = fc.array(fc.constantFrom(...FAULTS), { maxLength: 60 });
    const anyRanges = fc.array(fc.tuple(fc.nat(60), fc.nat(60)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        anyFaults,
        anyRanges,
        fc.constantFrom(100, 500, 10_000),
        async (faults, ends, bytes) => {
          const { clock, cluster, consumer, read } = setUp({
            answerBytes: bytes,
            partitionBytes: bytes,
          });
          const slice: Record<number, [number, number]> = {};
          ends.forEach(([a, b], partition) => {
            cluster.fill(partition, { batches: 12, perBatch: 5, leader: partition % 2 });
            slice[partition] = [Math.min(a, b), Math.max(a, b)];
          });
          const script = [...faults];
          cluster.onFetch = ({ node, partitions }, partition) => {
            const log = cluster.logs.get(partition);
            const offset = partitions.find((asked) => asked.partition === partition)?.offset ?? 0n;
            if (node === 7)
              return script.length % 2
                ? { errorCode: OUT_OF_RANGE }
                : { records: cluster.recordsFrom(partition, offset, bytes) };
            switch (script.pop()) {
              case 'moves':
                if (log) log.leader = 1 - log.leader;
                return undefined;
              case 'unknown':
                return { errorCode: 3 };
              case 'unavailable':
                return { errorCode: OFFSET_NOT_AVAILABLE };
              case 'late':
                clock.skip(900);
                return undefined;
              case 'reset':
                throw new LoadFailure('BROKER_UNREACHABLE', 'reset');
              case 'damaged':
                return { records: damage(cluster.recordsFrom(partition, offset, bytes), 40) };
              case 'empty':
                return {};
              case 'throttled':
                cluster.throttleMs = 200;
                return undefined;
              case 'replica':
                return { preferredReadReplica: 7 };
              default:
                return undefined;
            }
          };

          const { to } = await read(slice).catch((error: unknown) => {
            // Twice in a row at the same offset is the one thing that may fail it.
            if (error instanceof LoadFailure && error.code === 'CORRUPT_BATCH')
              return { to: undefined };
            throw error;
          });

          for (const [partition, [from, end]] of Object.entries(slice)) {
            const seen = consumer.offsets(Number(partition));
            const wanted = upTo(end).slice(from);
            expect(seen).toEqual(to ? wanted : wanted.slice(0, seen.length));
            if (to) expect(to.get(Number(partition))).toBe(BigInt(end));
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
