import { describe, expect, it } from 'vitest';
import { LoadFailure } from '#shared/domain/failure.ts';
import { MadeCluster } from './made-cluster.ts';
import { AUTHORIZATION_FAILED, madeReader, upTo } from './made-reader.ts';

describe('connections', () => {
  it('are kept from slice to slice, with what they know of leaders', async () => {
    const { cluster, consumer, read, opened } = madeReader();
    cluster.fill(0, { batches: 2, perBatch: 10 });

    await read({ 0: [0, 10] });
    await read({ 0: [10, 20] });

    expect(consumer.offsets()).toEqual(upTo(20));
    expect(opened()).toBe(1);
    expect(cluster.looks).toBe(1);
  });

  it('are opened afresh after a failure that they may be the cause of', async () => {
    const { clock, clusters, cluster, consumer, read } = madeReader();
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

  it('that were kept and are refused are opened afresh by the next try, before the refusal counts', async () => {
    const { cluster, read, opened } = madeReader();
    cluster.fill(0, { batches: 2, perBatch: 10 });
    await read({ 0: [0, 10] });
    cluster.onFetch = () => {
      throw new LoadFailure('BROKER_AUTH_FAILED', 'broker b-1 refuses us');
    };

    await expect(read({ 0: [10, 20] })).rejects.toMatchObject({
      code: 'BROKER_UNREACHABLE',
      message: 'a link of earlier slices is refused: broker b-1 refuses us',
    });
    await expect(read({ 0: [10, 20] })).rejects.toMatchObject({ code: 'BROKER_AUTH_FAILED' });

    expect(opened()).toBe(2);
  });

  it('that could not be opened are tried again by the next slice', async () => {
    const { clusters, cluster, consumer, read } = madeReader();
    cluster.fill(0, { batches: 1, perBatch: 10 });
    clusters.splice(0);

    await expect(read({ 0: [0, 10] })).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' });
    clusters.push(cluster);
    await read({ 0: [0, 10] });

    expect(consumer.offsets()).toEqual(upTo(10));
  });

  it('are ended by close', async () => {
    const { cluster, read, reader } = madeReader();
    cluster.fill(0, { batches: 1, perBatch: 10 });
    await read({ 0: [0, 10] });

    await reader.close();

    expect(cluster.isClosed).toBe(true);
  });
});
