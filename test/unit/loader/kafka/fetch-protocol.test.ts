import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { WireWriter } from '#shared/kafka/wire.ts';
import { fetchRequest } from '../../../../functions/loader/kafka/fetch-request.ts';
import { fetchAnswer } from '../../../../functions/loader/kafka/fetch-response.ts';

/** kafkajs' own encoder of the same version: another hand's reading of the protocol. */
const theirs = createRequire(import.meta.url)(
  'kafkajs/src/protocol/requests/fetch/v11/request',
) as (fetch: object) => { encode(): Promise<{ buffer: Buffer }> };

describe('a Fetch request', () => {
  it.each([
    ['read_uncommitted', 0, ''],
    ['read_committed', 1, 'use1-az1'],
  ] as const)('is what kafkajs writes for %s', async (isolation, isolationLevel, rackId) => {
    const shared = { maxWaitMs: 500, minBytes: 1, maxBytes: 16_777_216, rackId };
    const partitions = [
      { partition: 0, offset: 0n, maxBytes: 4_096 },
      { partition: 4_711, offset: 9_007_199_254_740_993n, maxBytes: 1 },
    ];
    const expected = await theirs({
      ...{ replicaId: -1, maxWaitTime: 500, minBytes: 1, maxBytes: 16_777_216, rackId },
      isolationLevel,
      topics: [
        {
          topic: 'flüge',
          partitions: partitions.map(({ offset, ...rest }) => ({
            ...rest,
            fetchOffset: String(offset),
          })),
        },
      ],
    }).encode();

    const request = fetchRequest({ topic: 'flüge', partitions, isolation, ...shared });

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
    const { throttleMs, errorCode, partitions } = fetchAnswer(answer);

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
      expect(() => fetchAnswer(answer.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'KAFKA_ERROR' }),
      );
    }
  });
});
