import { expect, it } from 'vitest';
import { makeSliceReader } from '../../../../functions/loader/kafka/slice-reader.ts';
import { KeepingConsumer, sliceRequest } from '../../../support/read-slice.ts';
import { MadeCluster } from './made-cluster.ts';
import { RunningClock } from './running-clock.ts';

const OURS = '0'.repeat(31).concat('1');
const ANOTHER = '0'.repeat(31).concat('2');

/** A cluster too old to fetch by ids, whose metadata says what `idsTold` does, the last for good. */
function setUp(...idsTold: (string | undefined)[]) {
  const clock = new RunningClock();
  const cluster = new MadeCluster(clock);
  cluster.fill(0, { batches: 1, perBatch: 10 });
  cluster.onLook = () => {
    cluster.topicId = idsTold.length > 1 ? idsTold.shift() : idsTold[0];
  };
  const consumer = new KeepingConsumer();
  const reader = makeSliceReader({ clock, open: async () => cluster });
  const request = sliceRequest(['127.0.0.1:1'], {
    ...{ topic: 'flights', topicId: OURS, slice: { 0: [0, 10] as const } },
    deadline: clock.now() + 3_600_000,
  });
  return { consumer, read: () => reader.read(request, consumer) };
}

it('F26: nothing is read of a topic that several looks find to be another one', async () => {
  const { consumer, read } = setUp(ANOTHER);
  await expect(read()).rejects.toMatchObject({
    code: 'TOPIC_RECREATED',
    message: expect.stringContaining('topic flights was deleted and created again'),
  });
  expect(consumer.records).toEqual([]);
});

it('a broker that is behind and still tells of the topic before is asked again', async () => {
  const { consumer, read } = setUp(ANOTHER, OURS);
  await read();
  expect(consumer.offsets()).toHaveLength(10);
});

it('brokers that tell no ids are believed by the name', async () => {
  const { consumer, read } = setUp(undefined);
  await read();
  expect(consumer.offsets()).toHaveLength(10);
});
