import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { WireWriter } from '#shared/kafka/wire.ts';
import { fetchRequest } from '../../../../functions/loader/kafka/fetch-request.ts';
import { fetchAnswer } from '../../../../functions/loader/kafka/fetch-response.ts';

/** kafkajs' own encoder of the same version: another hand's reading of the protocol. */
const theirs = createRequire(import.meta.url)(
  'kafkajs/src/protocol/requests/fetch/v11/request',
) as (fetch: object) => { encode(): Promise<{ buffer: Buffer }> };

/** What brokers speak: before they knew ids of topics, and since. */
const OLD = new Map([[1, { min: 0, max: 11 }]]);
const YOUNGER = new Map([[1, { min: 0, max: 12 }]]);
const NEW = new Map([[1, { min: 4, max: 17 }]]);
const ID = '00112233445566778899aabbccddeeff';

describe('a Fetch request', () => {
  it.each([
    ['read_uncommitted', 0, ''],
    ['read_committed', 1, 'use1-az1'],
  ] as const)('is what kafkajs writes for %s', async (isolation, isolationLevel, rackId) => {
    const shared = { maxWaitMs: 500, minBytes: 1, maxBytes: 16_777_216, rackId };
    const partitions = [
      { partition: 0, offset: 0n, leaderEpoch: -1, lastEpoch: 3, maxBytes: 4_096 },
      {
        partition: 4_711,
        offset: 9_007_199_254_740_993n,
        leaderEpoch: 258,
        lastEpoch: -1,
        maxBytes: 1,
      },
    ];
    const expected = await theirs({
      ...{ replicaId: -1, maxWaitTime: 500, minBytes: 1, maxBytes: 16_777_216, rackId },
      isolationLevel,
      topics: [
        {
          topic: 'flüge',
          partitions: partitions.map(({ offset, leaderEpoch, lastEpoch: _, ...rest }) => ({
            ...rest,
            currentLeaderEpoch: leaderEpoch,
            fetchOffset: String(offset),
          })),
        },
      ],
    }).encode();

    const request = fetchRequest(
      { topic: 'flüge', topicId: ID, partitions, isolation, ...shared },
      OLD,
    );

    expect(request).toMatchObject({ apiKey: 1, apiVersion: 11, apiName: 'Fetch' });
    expect(request.body.equals(expected.buffer)).toBe(true);
  });
});

describe('the answer to it', () => {
  const answer = new WireWriter()
    .int32(250)
    .int16(0)
    .int32(0)
    .int32(1)
    .string('flights')
    .int32(2)
    .int32(3)
    .int16(0)
    .int64(900n)
    .int64(800n)
    .int64(7n)
    .int32(1)
    .int64(77n)
    .int64(650n)
    .int32(-1)
    .int32(5)
    .bytes(Buffer.from('bytes'))
    .int32(4)
    .int16(6)
    .int64(-1n)
    .int64(-1n)
    .int64(-1n)
    .int32(-1)
    .int32(2)
    .int32(-1)
    .finish();

  it('is read without copying the records', () => {
    const { throttleMs, errorCode, partitions } = fetchAnswer(answer, { apiVersion: 11 });

    expect({ throttleMs, errorCode }).toEqual({ throttleMs: 250, errorCode: 0 });
    expect(partitions).toEqual([
      {
        ...{ partition: 3, errorCode: 0, preferredReadReplica: -1 },
        ...{ highWatermark: 900n, lastStableOffset: 800n, logStartOffset: 7n },
        aborted: [{ producerId: 77n, firstOffset: 650n }],
        records: Buffer.from('bytes'),
      },
      {
        ...{ partition: 4, errorCode: 6, preferredReadReplica: 2, aborted: [] },
        ...{ highWatermark: -1n, lastStableOffset: -1n, logStartOffset: -1n },
        records: Buffer.alloc(0),
      },
    ]);
    expect(partitions[0]?.records.buffer).toBe(answer.buffer);
  });

  it('fails wherever it is cut off', () => {
    for (let length = 0; length < answer.length; length += 1) {
      expect(() => fetchAnswer(answer.subarray(0, length), { apiVersion: 11 })).toThrow(
        expect.objectContaining({ code: 'KAFKA_ERROR' }),
      );
    }
  });
});

/** Laid out by hand after FetchRequest.json and FetchResponse.json of Apache Kafka, version 13. */
describe('a Fetch by the id of the topic', () => {
  const bytes = (hex: string) => Buffer.from(hex.replaceAll(/\s/g, ''), 'hex');

  it('is sent where the id is known and the broker takes it', () => {
    const options = {
      ...({ topic: 'flights', topicId: ID, isolation: 'read_committed', rackId: 'a' } as const),
      ...{ maxWaitMs: 500, minBytes: 1, maxBytes: 4_096 },
      partitions: [{ partition: 3, offset: 5n, leaderEpoch: 7, lastEpoch: 6, maxBytes: 1_024 }],
    };
    const request = fetchRequest(options, NEW);
    expect(request).toMatchObject({ apiKey: 1, apiVersion: 13, apiName: 'Fetch', flexible: true });
    const partition = '00000003 00000007 0000000000000005 00000006 ffffffffffffffff 00000400 00';
    const topics = `02 ${ID} 02 ${partition} 00`;
    const head = 'ffffffff 000001f4 00000001 00001000 01 00000000 ffffffff';
    expect(request.body.toString('hex')).toBe(
      bytes(`${head} ${topics} 01 0261 00`).toString('hex'),
    );
  });

  it('is sent by its name, with the epoch before, where the one or the other is not so', () => {
    const options = {
      ...({ topic: 'flights', topicId: ID, isolation: 'read_committed', rackId: 'a' } as const),
      ...{ maxWaitMs: 500, minBytes: 1, maxBytes: 4_096 },
      partitions: [{ partition: 3, offset: 5n, leaderEpoch: 7, lastEpoch: 6, maxBytes: 1_024 }],
    };
    const partition = '00000003 00000007 0000000000000005 00000006 ffffffffffffffff 00000400 00';
    const topics = `02 08 666c6967687473 02 ${partition} 00`;
    const head = 'ffffffff 000001f4 00000001 00001000 01 00000000 ffffffff';
    for (const [topicId, versions] of [
      [ID, YOUNGER],
      [undefined, NEW],
    ] as const) {
      const request = fetchRequest({ ...options, topicId }, versions);
      expect(request).toMatchObject({ apiVersion: 12, flexible: true });
      expect(request.body.toString('hex')).toBe(
        bytes(`${head} ${topics} 01 0261 00`).toString('hex'),
      );
    }
  });

  it('is answered by its name, with the place where the log parts from what was read', () => {
    const ends = '0000000000000009 0000000000000008 0000000000000000';
    const diverging = '00 0d 00000004 0000000000000076 00';
    const part = `00000003 0000 ${ends} 00 ffffffff 00 01 ${diverging}`;
    const answer = bytes(`00000000 0000 00000000 02 08 666c6967687473 02 ${part} 00 00`);
    expect(fetchAnswer(answer, { apiVersion: 12 }).partitions).toEqual([
      expect.objectContaining({ partition: 3, errorCode: 0, divergesAt: 118n }),
    ]);
  });

  it('is answered in compact form, with tags that are passed over', () => {
    const ends = '0000000000000009 0000000000000008 0000000000000000';
    const aborted = '02 000000000000004d 0000000000000006 00';
    const one = `00000003 0000 ${ends} ${aborted} ffffffff 06 6279746573 01 01 02 0000`;
    const other = `00000004 0064 ffffffffffffffff ffffffffffffffff ffffffffffffffff 00 ffffffff 00 00`;
    const answer = bytes(`000000fa 0000 00000000 02 ${ID} 03 ${one} ${other} 00 00`);

    const { throttleMs, errorCode, partitions } = fetchAnswer(answer, { apiVersion: 13 });
    expect([throttleMs, errorCode]).toEqual([250, 0]);
    expect(partitions).toMatchObject([
      { partition: 3, lastStableOffset: 8n, records: Buffer.from('bytes') },
      { partition: 4, errorCode: 100, records: Buffer.alloc(0), aborted: [] },
    ]);
    expect(partitions[0]?.aborted).toEqual([{ producerId: 77n, firstOffset: 6n }]);
    expect(partitions.map(({ divergesAt }) => divergesAt)).toEqual([undefined, undefined]);
  });

  it('is told where the log parts from what was read, among other tags', () => {
    const ends = '0000000000000009 0000000000000008 0000000000000000';
    const diverging = '00 0d 00000004 0000000000000076 00';
    const part = `00000003 0000 ${ends} 00 ffffffff 00 02 ${diverging} 01 02 abcd`;
    const answer = bytes(`00000000 0000 00000000 02 ${ID} 02 ${part} 00 00`);

    expect(fetchAnswer(answer, { apiVersion: 13 }).partitions).toEqual([
      expect.objectContaining({ partition: 3, errorCode: 0, divergesAt: 118n }),
    ]);
  });
});
