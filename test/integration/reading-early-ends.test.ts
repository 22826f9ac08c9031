import { describe, expect, inject, it } from 'vitest';
import { createTopic, produce } from '../support/kafka.ts';
import { numbered, range } from '../support/numbered-records.ts';
import { KeepingConsumer, plain, sliceRequest, testSliceReader } from '../support/read-slice.ts';

const brokers = inject('kafkaBrokers');

describe('reading ends early', () => {
  it('when the consumer has enough, after the batch it got', async () => {
    const topic = await createTopic(brokers, { partitions: 2 });
    for (let batch = 0; batch < 5; batch += 1) {
      await produce(brokers, topic, { records: [...numbered(10, 0), ...numbered(10, 1)] });
    }
    const reader = testSliceReader();
    const consumer = new KeepingConsumer();
    consumer.drain = async () => consumer.records.length < 70;
    const request = sliceRequest(brokers, { topic, slice: { 0: [0, 50], 1: [0, 50] } });

    const { to } = await reader.read(request, consumer);
    const rest = new KeepingConsumer();
    await reader.read(
      sliceRequest(brokers, {
        topic,
        slice: { 0: [plain(to)[0] ?? 0, 50], 1: [plain(to)[1] ?? 0, 50] },
      }),
      rest,
    );
    await reader.close();

    expect(consumer.records).toHaveLength(70);
    for (const partition of [0, 1]) {
      expect(consumer.offsets(partition)).toEqual(range(0, plain(to)[partition] ?? 0));
      expect([...consumer.offsets(partition), ...rest.offsets(partition)]).toEqual(range(0, 50));
    }
  });

  it('with the reason of the signal, while the consumer is busy', async () => {
    const topic = await createTopic(brokers);
    await produce(brokers, topic, { records: numbered(3) });
    const abort = new AbortController();
    const reader = testSliceReader();
    const consumer = new KeepingConsumer();
    consumer.drain = () => {
      setImmediate(() => abort.abort(new Error('lease lost')));
      return new Promise(() => {});
    };
    const request = sliceRequest(brokers, { topic, slice: { 0: [0, 3] }, signal: abort.signal });

    await expect(reader.read(request, consumer)).rejects.toThrow('lease lost');
    await reader.close();
  });

  it('with the reason of the signal, while there is nothing to read', async () => {
    const topic = await createTopic(brokers);
    await produce(brokers, topic, { records: numbered(3) });
    const abort = new AbortController();
    const consumer = new KeepingConsumer();
    consumer.drain = async () => {
      // The next fetch is under way already, and finds nothing.
      setImmediate(() => abort.abort(new Error('lease lost')));
      return true;
    };
    const reader = testSliceReader({ maxWaitMs: 5_000 });
    const request = sliceRequest(brokers, { topic, slice: { 0: [0, 9] }, signal: abort.signal });
    const begun = performance.now();

    await expect(reader.read(request, consumer)).rejects.toThrow('lease lost');
    expect(performance.now() - begun).toBeLessThan(4_000);
    await reader.close();
  });
});
