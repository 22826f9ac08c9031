import { describe, expect, inject, it } from 'vitest';
import { CODECS } from '../../functions/loader/kafka/codecs.ts';
import { systemClock } from '../../functions/shared/clock.ts';
import { addPartitions, createTopic, produce, type TestRecord } from '../support/kafka.ts';
import { numbered, range } from '../support/numbered-records.ts';
import {
  KeepingConsumer,
  plain,
  readSlice,
  sliceRequest,
  testSliceReader,
} from '../support/read-slice.ts';

const brokers = inject('kafkaBrokers');

describe('a slice', () => {
  it('is read exactly, in order and over several partitions', async () => {
    const topic = await createTopic(brokers, { partitions: 3 });
    for (let round = 0; round < 5; round += 1) {
      await produce(brokers, topic, { records: range(0, 3).flatMap((p) => numbered(100, p)) });
    }

    const { consumer, to, ends } = await readSlice(brokers, {
      topic,
      slice: { 0: [0, 500], 1: [37, 250], 2: [499, 500] },
    });

    expect(consumer.offsets(0)).toEqual(range(0, 500));
    expect(consumer.offsets(1)).toEqual(range(37, 250));
    expect(consumer.offsets(2)).toEqual([499]);
    expect(consumer.records.find(({ partition }) => partition === 2)?.value).toBe('value 99');
    expect(to).toEqual({ 0: 500, 1: 250, 2: 500 });
    expect(ends).toEqual({ 0: 500, 1: 500, 2: 500 });
  });

  it.each(CODECS)('F27: is read whether its batches are compressed or not: %s', async (codec) => {
    const topic = await createTopic(brokers);
    await produce(brokers, topic, { records: numbered(1_000), codec });
    await produce(brokers, topic, { records: numbered(1_000), codec });

    const { consumer } = await readSlice(brokers, { topic, slice: { 0: [990, 1_010] } });

    expect(consumer.records.map(({ offset, key, value }) => ({ offset, key, value }))).toEqual(
      range(990, 1_010).map((offset) => ({
        offset,
        key: `k${offset % 1_000}`,
        value: `value ${offset % 1_000}`,
      })),
    );
  });

  it('F27: keeps null keys, tombstones, empty values, headers, newlines and bytes that are no text', async () => {
    const topic = await createTopic(brokers);
    const records: TestRecord[] = [
      { key: null, value: 'a\nb\r\n', timestamp: 1_000 },
      { key: 'gone', value: null, timestamp: 999 },
      { key: '', value: '', timestamp: 5 },
      { key: 'h', value: Buffer.from([0, 255, 10, 128]), headers: { a: '1', b: '' }, timestamp: 0 },
    ];
    await produce(brokers, topic, { records });

    const { consumer } = await readSlice(brokers, { topic, slice: { 0: [0, 4] } });

    const seen = { partition: 0, headersCount: 0 };
    expect(consumer.records).toEqual([
      { ...seen, offset: 0, timestamp: 1_000, key: null, value: 'a\nb\r\n' },
      { ...seen, offset: 1, timestamp: 999, key: 'gone', value: null },
      { ...seen, offset: 2, timestamp: 5, key: '', value: '' },
      { ...seen, offset: 3, timestamp: 0, key: 'h', value: '\x00\xff\n\x80', headersCount: 2 },
    ]);
  });

  it('F28: has the time of the broker where the topic says so', async () => {
    const topic = await createTopic(brokers, {
      config: { 'message.timestamp.type': 'LogAppendTime' },
    });
    const before = systemClock.now();
    await produce(brokers, topic, { records: [{ value: 'v', timestamp: 1_000 }] });

    const { consumer } = await readSlice(brokers, { topic, slice: { 0: [0, 1] } });

    expect(consumer.records[0]?.timestamp).toBeGreaterThanOrEqual(before - 1_000);
  });

  it('may hold batches that are larger than a fetch', async () => {
    const topic = await createTopic(brokers, { partitions: 2 });
    const large = 'x'.repeat(700_000);
    for (const partition of [0, 1]) {
      await produce(brokers, topic, { records: numbered(10, partition) });
      await produce(brokers, topic, { records: [{ partition, value: large }] });
      await produce(brokers, topic, { records: numbered(10, partition) });
    }

    const { consumer } = await readSlice(brokers, {
      topic,
      slice: { 0: [0, 21], 1: [0, 21] },
      settings: { partitionBytes: 1_000, answerBytes: 2_000 },
    });

    expect(consumer.offsets(0)).toEqual(range(0, 21));
    expect(consumer.offsets(1)).toEqual(range(0, 21));
    expect(consumer.records.filter(({ value }) => value === large)).toHaveLength(2);
  });

  it('F27: fails with its offset when a batch is larger than the memory for it', async () => {
    const topic = await createTopic(brokers);
    await produce(brokers, topic, { records: numbered(3) });
    await produce(brokers, topic, { records: [{ value: 'x'.repeat(100_000) }] });

    await expect(
      readSlice(brokers, { topic, slice: { 0: [0, 4] }, settings: { maxBatchBytes: 50_000 } }),
    ).rejects.toMatchObject({ code: 'RECORD_TOO_LARGE', facts: { partition: 0, offset: 3n } });
  });

  it('F26: reaches partitions that were added since the connection was opened', async () => {
    const topic = await createTopic(brokers);
    await produce(brokers, topic, { records: numbered(5) });
    const reader = testSliceReader();
    const first = new KeepingConsumer();
    const second = new KeepingConsumer();

    await reader.read(sliceRequest(brokers, { topic, slice: { 0: [0, 5] } }), first);
    await addPartitions(brokers, topic, 3);
    await produce(brokers, topic, { records: numbered(5, 2) });
    const read = await reader.read(
      sliceRequest(brokers, { topic, slice: { 0: [3, 5], 2: [0, 5] } }),
      second,
    );
    await reader.close();

    expect(first.offsets(0)).toEqual(range(0, 5));
    expect(second.offsets(0)).toEqual([3, 4]);
    expect(second.offsets(2)).toEqual(range(0, 5));
    expect(plain(read.to)).toEqual({ 0: 5, 2: 5 });
  });

  it('that is empty needs no broker', async () => {
    const { to, consumer } = await readSlice(brokers, { topic: 'nowhere', slice: { 0: [7, 7] } });

    expect(to).toEqual({ 0: 7 });
    expect(consumer.records).toEqual([]);
  });
});
