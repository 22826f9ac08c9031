import { describe, expect, inject, it } from 'vitest';
import { beginTransaction, createTopic, produce, type TestRecord } from '../support/kafka.ts';
import { type PlainSlice, readSlice } from '../support/read-slice.ts';

const brokers = inject('kafkaBrokers');

const texts = (...values: string[]): TestRecord[] => values.map((value) => ({ value }));

async function read(topic: string, slice: PlainSlice, isolation: 'committed' | 'uncommitted') {
  const { consumer, to, ends } = await readSlice(brokers, {
    topic,
    slice,
    isolation: `read_${isolation}`,
  });
  return {
    values: consumer.records.map(({ offset, value }) => `${offset} ${value}`),
    to: to[0],
    end: ends[0],
  };
}

/** The broker writes a transaction's marker after it has confirmed its end: waits for it. */
async function untilLogHas(topic: string, offsets: number): Promise<void> {
  await read(topic, { 0: [0, offsets] }, 'committed');
}

/** Offsets 0-1 committed, 2 its marker; 3-4 aborted, 5 its marker; 6 plain. */
async function settledLog(): Promise<string> {
  const topic = await createTopic(brokers);
  const first = await beginTransaction(brokers, topic);
  await first.send(texts('c0', 'c1'));
  await first.commit();
  await untilLogHas(topic, 3);
  const second = await beginTransaction(brokers, topic);
  await second.send(texts('a0', 'a1'));
  await second.abort();
  await untilLogHas(topic, 6);
  await produce(brokers, topic, { records: texts('p') });
  return topic;
}

describe('F25: of a log with transactions', () => {
  it('committed records are read, and aborted ones only when uncommitted ones are asked for', async () => {
    const topic = await settledLog();

    expect(await read(topic, { 0: [0, 7] }, 'committed')).toEqual({
      values: ['0 c0', '1 c1', '6 p'],
      to: 7,
      end: 7,
    });
    expect(await read(topic, { 0: [0, 7] }, 'uncommitted')).toEqual({
      values: ['0 c0', '1 c1', '3 a0', '4 a1', '6 p'],
      to: 7,
      end: 7,
    });
  });

  it('a slice may begin on a marker, of a commit or of an abort', async () => {
    const topic = await settledLog();

    expect((await read(topic, { 0: [2, 7] }, 'committed')).values).toEqual(['6 p']);
    expect((await read(topic, { 0: [5, 7] }, 'committed')).values).toEqual(['6 p']);
  });

  it('a slice may consist of a marker alone, or of an aborted transaction', async () => {
    const topic = await settledLog();

    for (const [from, to] of [
      [2, 3],
      [5, 6],
      [3, 6],
      [4, 5],
    ] as const) {
      expect(await read(topic, { 0: [from, to] }, 'committed')).toMatchObject({ values: [], to });
    }
  });

  it('a transaction may span slices', async () => {
    const topic = await createTopic(brokers);
    const good = await beginTransaction(brokers, topic);
    const bad = await beginTransaction(brokers, topic);
    for (const round of [0, 1, 2]) {
      await good.send(texts(`good ${round}`));
      await bad.send(texts(`bad ${round}`));
    }
    await bad.abort();
    await good.commit();

    const parts = [];
    for (const from of [0, 2, 3, 5, 7]) {
      const to = { 0: 2, 2: 3, 3: 5, 5: 7, 7: 8 }[from] ?? from;
      parts.push(...(await read(topic, { 0: [from, to] }, 'committed')).values);
    }

    expect(parts).toEqual(['0 good 0', '2 good 1', '4 good 2']);
  });

  it('an open transaction is the end for committed records and not for uncommitted ones', async () => {
    const topic = await createTopic(brokers);
    await produce(brokers, topic, { records: texts('p0', 'p1') });
    const open = await beginTransaction(brokers, topic);
    await open.send(texts('o2', 'o3'));
    await produce(brokers, topic, { records: texts('p4') });

    const committed = await read(topic, { 0: [0, 2] }, 'committed');
    const uncommitted = await read(topic, { 0: [0, 5] }, 'uncommitted');
    await open.commit();
    const later = await read(topic, { 0: [2, 6] }, 'committed');

    expect(committed).toEqual({ values: ['0 p0', '1 p1'], to: 2, end: 2 });
    expect(uncommitted.values).toEqual(['0 p0', '1 p1', '2 o2', '3 o3', '4 p4']);
    expect(later).toEqual({ values: ['2 o2', '3 o3', '4 p4'], to: 6, end: 6 });
  });

  it('records behind an open transaction count as still to come, never as lost', async () => {
    const topic = await createTopic(brokers);
    const open = await beginTransaction(brokers, topic);
    await open.send(texts('o0', 'o1'));

    await expect(
      readSlice(brokers, { topic, slice: { 0: [1, 2] }, settings: { patienceMs: 300 } }),
    ).rejects.toMatchObject({ code: 'KAFKA_ERROR' });
    await open.abort();
  });
});
