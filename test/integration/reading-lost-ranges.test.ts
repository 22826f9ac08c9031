import { describe, expect, inject, it } from 'vitest';
import { systemClock } from '../../functions/shared/clock.ts';
import { createTopic, deleteRecordsBelow, deleteTopic, produce } from '../support/kafka.ts';
import { numbered } from '../support/numbered-records.ts';
import { readSlice } from '../support/read-slice.ts';

const brokers = inject('kafkaBrokers');

describe('F23: a slice that its log does not hold', () => {
  it('fails with the bounds of the log when retention was faster', async () => {
    const topic = await createTopic(brokers, { partitions: 2 });
    await produce(brokers, topic, { records: numbered(10, 1) });
    await deleteRecordsBelow(brokers, topic, { partition: 1, offset: 6n });

    await expect(readSlice(brokers, { topic, slice: { 1: [4, 10] } })).rejects.toMatchObject({
      code: 'OFFSET_OUT_OF_RANGE',
      message: `offsets 4 to 10 of partition 1 of ${topic} must be in its log, which has 6 to 10`,
      facts: { topic, partition: 1, offset: 4n, to: 10n, logStart: 6n, logEnd: 10n },
    });
  });

  it('fails when it begins after the end of the log', async () => {
    const topic = await createTopic(brokers);
    await produce(brokers, topic, { records: numbered(3) });

    await expect(readSlice(brokers, { topic, slice: { 0: [8, 9] } })).rejects.toMatchObject({
      code: 'OFFSET_OUT_OF_RANGE',
      facts: { offset: 8n, logStart: 0n, logEnd: 3n },
    });
  });

  it('fails after a while when it ends after the end of the log', async () => {
    const topic = await createTopic(brokers);
    await produce(brokers, topic, { records: numbered(3) });

    await expect(
      readSlice(brokers, { topic, slice: { 0: [0, 5] }, settings: { patienceMs: 300 } }),
    ).rejects.toMatchObject({
      code: 'OFFSET_OUT_OF_RANGE',
      facts: { offset: 3n, to: 5n, logStart: 0n, logEnd: 3n },
    });
  });

  it('ends at its deadline with what there was', async () => {
    const topic = await createTopic(brokers);
    await produce(brokers, topic, { records: numbered(3) });

    const { to, ends, consumer } = await readSlice(brokers, {
      topic,
      slice: { 0: [0, 5] },
      deadline: systemClock.now() + 500,
    });

    expect(consumer.offsets()).toEqual([0, 1, 2]);
    expect(to).toEqual({ 0: 3 });
    expect(ends).toEqual({ 0: 3 });
  });

  it('fails when its topic or its partition is missing', async () => {
    const topic = await createTopic(brokers);
    const gone = await createTopic(brokers);
    await deleteTopic(brokers, gone);

    await expect(readSlice(brokers, { topic, slice: { 4: [0, 5] } })).rejects.toMatchObject({
      code: 'PARTITION_NOT_FOUND',
      facts: { topic, partition: 4 },
    });
    await expect(readSlice(brokers, { topic: gone, slice: { 0: [0, 5] } })).rejects.toMatchObject({
      code: 'TOPIC_NOT_FOUND',
      facts: { topic: gone },
    });
  });
});
