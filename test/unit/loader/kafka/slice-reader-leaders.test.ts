import { describe, expect, it } from 'vitest';
import { LoadFailure } from '#shared/domain/failure.ts';
import { plain } from '../../../support/read-slice.ts';
import {
  AUTHORIZATION_FAILED,
  madeReader,
  NOT_LEADER,
  OFFSET_NOT_AVAILABLE,
  OUT_OF_RANGE,
  SMALL,
  UNKNOWN_LEADER_EPOCH,
  upTo,
} from './made-reader.ts';

describe('F22: a leader that is not where it was', () => {
  it('is looked for, with growing pauses, until it is found', async () => {
    const { clock, cluster, consumer, read } = madeReader(SMALL);
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

  it('is known by its epoch: one that was replaced is not read', async () => {
    const { cluster, consumer, read } = madeReader(SMALL);
    cluster.fill(0, { batches: 6, perBatch: 10 });
    const log = cluster.logs.get(0);
    if (!log) throw new Error('no log');
    consumer.drain = async () => {
      if (consumer.records.length === 20) log.epoch = 7;
      return true;
    };

    await read({ 0: [0, 60] });

    expect(consumer.offsets()).toEqual(upTo(60));
    expect([cluster.looks, cluster.fetches.at(-1)?.partitions[0]?.leaderEpoch]).toEqual([2, 7]);
  });

  it('may not know yet that it leads', async () => {
    const { cluster, consumer, read } = madeReader();
    cluster.fill(0, { batches: 3, perBatch: 10 });
    let late = 3;
    cluster.onFetch = () => (late-- > 0 ? { errorCode: UNKNOWN_LEADER_EPOCH } : undefined);

    await read({ 0: [0, 30] });

    expect(consumer.offsets()).toEqual(upTo(30));
  });

  it('does not keep other partitions from being read', async () => {
    const { cluster, consumer, read } = madeReader({ patienceMs: 5_000 });
    cluster.fill(0, { batches: 2, perBatch: 10, leader: -1 });
    cluster.fill(1, { batches: 2, perBatch: 10 });

    await expect(read({ 0: [0, 20], 1: [0, 20] })).rejects.toMatchObject({
      code: 'KAFKA_ERROR',
      message: 'partition 0 of flights has no leader now',
    });
    expect(consumer.offsets(1)).toEqual(upTo(20));
  });

  it('may be a broker that does not answer', async () => {
    const { cluster, consumer, read } = madeReader();
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
    const { clock, cluster, read } = madeReader({ patienceMs: 7_000 });
    cluster.fill(0, { batches: 3, perBatch: 10 });
    cluster.onFetch = () => {
      throw new LoadFailure('BROKER_UNREACHABLE', 'broker 127.0.0.1:1 does not answer');
    };
    const begun = clock.now();

    await expect(read({ 0: [0, 30] })).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' });
    expect(clock.now() - begun).toBeLessThan(12_000);
  });

  it('fails at the deadline with the trouble when nothing was read, and succeeds with less otherwise', async () => {
    const { cluster, consumer, read } = madeReader();
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
    const { cluster, read } = madeReader();
    cluster.fill(0, { batches: 1, perBatch: 10 });
    cluster.onFetch = () => ({ errorCode: AUTHORIZATION_FAILED });

    await expect(read({ 0: [0, 10] })).rejects.toMatchObject({ code: 'BROKER_AUTH_FAILED' });
    expect(cluster.fetches).toHaveLength(1);
  });
});

describe('a replica that is closer', () => {
  it('is read from when the leader says so', async () => {
    const { cluster, consumer, read } = madeReader({ rackId: 'use1-az1' });
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
    const { cluster, consumer, read } = madeReader({ rackId: 'use1-az1' });
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
