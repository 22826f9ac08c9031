import { LoadFailure } from '#shared/domain/failure.ts';
import type { FetchSettings } from '../../../../functions/loader/kafka/fetch-settings.ts';
import { makeSliceReader } from '../../../../functions/loader/kafka/slice-reader.ts';
import type { SliceRead } from '../../../../functions/loader/records.ts';
import { KeepingConsumer, type PlainSlice, sliceRequest } from '../../../support/read-slice.ts';
import { MadeCluster } from './made-cluster.ts';
import { RunningClock } from './running-clock.ts';

/** Error codes of Kafka's protocol. */
export const NOT_LEADER = 6;
export const OUT_OF_RANGE = 1;
export const CORRUPT_MESSAGE = 2;
export const OFFSET_NOT_AVAILABLE = 78;
export const AUTHORIZATION_FAILED = 29;
export const UNKNOWN_LEADER_EPOCH = 75;

/** About two batches of ten. */
export const SMALL = { answerBytes: 300, partitionBytes: 300 };

/** The offsets from 0 up to a count. */
export const upTo = (count: number) => Array.from({ length: count }, (_, offset) => offset);

/** A copy with one byte turned round. */
export function damage(records: Buffer, at: number): Buffer {
  const damaged = Buffer.from(records);
  damaged[at]! ^= 0xff;
  return damaged;
}

/** The slice reader over a cluster that a test makes and breaks. It counts what was opened and what it told of progress. */
export function madeReader(settings: Partial<FetchSettings> = {}) {
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
