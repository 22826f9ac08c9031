import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, inject, it } from 'vitest';
import { beginTransaction, createTopic, produce, type TestRecord } from '../support/kafka.ts';
import { readSlice } from '../support/read-slice.ts';

const brokers = inject('kafkaBrokers');

/** Every batch begins a segment, and all segments but the last are cleaned at once. */
const CLEANED_AT_ONCE = {
  'cleanup.policy': 'compact',
  'segment.bytes': '600',
  'min.cleanable.dirty.ratio': '0.0001',
  'delete.retention.ms': '0',
  'min.compaction.lag.ms': '0',
};

/** A record for each letter; together about 500 bytes, so that a segment holds one batch. */
const keyed = (keys: string): TestRecord[] =>
  [...keys].map((key) => ({ key, value: '.'.repeat(400 / keys.length) }));

async function offsetsOf(topic: string, from: number, to: number): Promise<number[]> {
  const { consumer, to: ends } = await readSlice(brokers, { topic, slice: { 0: [from, to] } });
  expect(ends).toEqual({ 0: to });
  return consumer.offsets();
}

/** Waits for the broker's cleaner: it says nowhere that it is done but in the log itself. */
async function untilCleaned(topic: string, to: number, survivors: readonly number[]) {
  while ((await offsetsOf(topic, 0, to)).join() !== survivors.join()) await delay(100);
}

describe('F24: of a compacted log', () => {
  it('what is left is read, with holes at the start, in the middle and at the end of a slice', async () => {
    const topic = await createTopic(brokers, { config: CLEANED_AT_ONCE });
    const batches = ['abcde', 'q', 'ace', 'xaq', 'z'];
    for (const keys of batches) await produce(brokers, topic, { records: keyed(keys) });
    // 0-4 abcde, 5 q, 6-8 ace, 9-11 xaq, 12 z: the last of each key survives, and the last segment.
    await untilCleaned(topic, 13, [1, 3, 7, 8, 9, 10, 11, 12]);

    expect(await offsetsOf(topic, 0, 1)).toEqual([]);
    expect(await offsetsOf(topic, 0, 4)).toEqual([1, 3]);
    expect(await offsetsOf(topic, 2, 3)).toEqual([]);
    expect(await offsetsOf(topic, 2, 8)).toEqual([3, 7]);
    expect(await offsetsOf(topic, 4, 7)).toEqual([]);
    expect(await offsetsOf(topic, 5, 6)).toEqual([]);
    expect(await offsetsOf(topic, 3, 5)).toEqual([3]);
  });

  it('batches that were emptied and kept for their producer are passed', async () => {
    const topic = await createTopic(brokers, { config: CLEANED_AT_ONCE });
    const transaction = await beginTransaction(brokers, topic);
    await transaction.send(keyed('ab'));
    await transaction.commit();
    await offsetsOf(topic, 0, 3); // waits for the marker
    await produce(brokers, topic, { records: keyed('ab') });
    await produce(brokers, topic, { records: keyed('z') });
    // 0-1 superseded, 2 their marker, 3-4 ab, 5 z.
    await untilCleaned(topic, 6, [3, 4, 5]);

    expect(await offsetsOf(topic, 0, 2)).toEqual([]);
    expect(await offsetsOf(topic, 0, 3)).toEqual([]);
    expect(await offsetsOf(topic, 1, 4)).toEqual([3]);
  });
});
