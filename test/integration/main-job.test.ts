import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { addPartitions, createTopic, deleteRecordsBelow, produce } from '../support/kafka.ts';
import { freshTables, type Product, startProduct } from '../support/product.ts';

const brokers = inject('kafkaBrokers');
let product: Product;

beforeEach(async () => {
  product = await startProduct(await freshTables(inject('dynamodbEndpoint')));
});
afterEach(() => product.close());

const records = (count: number, partition: number, begin = 0) =>
  Array.from({ length: count }, (_, i) => ({
    partition,
    value: JSON.stringify({ partition, n: begin + i }),
  }));

const spec = (topic: string, more: object = {}) => ({
  name: 'flights',
  source: { kafka: { brokers, topic, startOffsets: 'earliest' as const, ...more } },
  destination: {
    file: { table: 'flights', metadata: ['_partition' as const, '_offset' as const] },
  },
});

/** `partition/offset` of every committed row, sorted. */
async function positions(): Promise<string[]> {
  const rows = (await product.lines('flights')).map((line) => JSON.parse(line));
  return rows.map((row) => `${row._partition}/${row._offset}`).sort();
}

const expected = (...counts: number[]) =>
  counts.flatMap((count, p) => Array.from({ length: count }, (_, i) => `${p}/${i}`)).sort();

describe('the main job', () => {
  it('is RUNNING with its tasks PENDING after one cycle', async () => {
    const topic = await createTopic(brokers, { partitions: 2 });
    await produce(brokers, topic, { records: [...records(10, 0), ...records(5, 1)] });
    const { id } = await product.createJob(spec(topic));

    await product.cycle();

    expect((await product.job(id)).state).toBe('RUNNING');
    const tasks = await product.tasks(id);
    expect(tasks.map(({ status, lane }) => ({ status, lane }))).toEqual([
      { status: 'PENDING', lane: 0 },
      { status: 'PENDING', lane: 1 },
    ]);
  });

  it('loads a topic into files, every partition and offset exactly once', async () => {
    const topic = await createTopic(brokers, { partitions: 3 });
    await produce(brokers, topic, {
      records: [...records(500, 0), ...records(20, 1)],
      codec: 'zstd',
    });
    const { id } = await product.createJob(spec(topic));
    await product.settle(id);
    await produce(brokers, topic, { records: records(100, 2), codec: 'lz4' });
    await product.settle(id);

    expect(await positions()).toEqual(expected(500, 20, 100));
    const lanes = await product.lanes(id);
    expect(lanes.map(({ rows, taskId }) => ({ rows, taskId }))).toEqual([
      { rows: 500, taskId: undefined },
      { rows: 20, taskId: undefined },
      { rows: 100, taskId: undefined },
    ]);
  });

  it('F26: starts a partition that appears later at its beginning, though the job starts at latest', async () => {
    const topic = await createTopic(brokers, { partitions: 1 });
    await produce(brokers, topic, { records: records(5, 0) });
    const { id } = await product.createJob(spec(topic, { startOffsets: 'latest' }));
    await product.settle(id);
    await addPartitions(brokers, topic, 2);
    await produce(brokers, topic, { records: [...records(3, 1), ...records(2, 0, 5)] });
    await product.settle(id);

    expect(await positions()).toEqual(['0/5', '0/6', '1/0', '1/1', '1/2']);
    expect((await product.job(id)).state).toBe('RUNNING');
  });

  it('completes a bounded job at its end offsets', async () => {
    const topic = await createTopic(brokers, { partitions: 1 });
    await produce(brokers, topic, { records: records(50, 0) });
    const { id } = await product.createJob(spec(topic, { endOffsets: { 0: '30' } }));
    await product.settle(id);

    expect((await product.job(id)).state).toBe('COMPLETED');
    expect(await positions()).toEqual(expected(30));
  });

  it('F26: cancels a job whose topic does not exist, and goes on with the next', async () => {
    const topic = await createTopic(brokers);
    await produce(brokers, topic, { records: records(3, 0) });
    const lost = await product.createJob({ ...spec('no-such-topic'), name: 'lost' });
    const { id } = await product.createJob(spec(topic));
    await product.settle(id);

    const job = await product.job(lost.id);
    expect(job.state).toBe('CANCELLED');
    expect(job.reason.message).toContain('no-such-topic');
    expect(await positions()).toEqual(expected(3));
  });

  it('pauses a job whose broker does not answer, and others go on', async () => {
    const topic = await createTopic(brokers);
    await produce(brokers, topic, { records: records(3, 0) });
    const dead = await product.createJob({
      ...spec('any', { brokers: ['127.0.0.1:1'] }),
      name: 'dead',
    });
    const { id } = await product.createJob(spec(topic));
    await product.cycle();
    await product.load(id);

    const job = await product.job(dead.id);
    expect(job.state).toBe('PAUSED');
    expect(job.reason.code).toBe('BROKER_UNREACHABLE');
    expect(job.resume).toBeDefined();
    expect(await positions()).toEqual(expected(3));
  });

  it('F21: pauses with an example and commits nothing when there are too many bad rows', async () => {
    const topic = await createTopic(brokers);
    const bad = { partition: 0, value: 'not json' };
    await produce(brokers, topic, { records: [...records(3, 0), bad] });
    const { id } = await product.createJob(spec(topic));
    await product.settle(id);

    const job = await product.job(id);
    expect(job.state).toBe('PAUSED');
    expect(job.reason.code).toBe('TOO_MANY_BAD_ROWS');
    expect(job.reason.message).toContain('partition 0 offset 3');
    expect((await product.lanes(id))[0]?.next.get(0)).toBe(0n);
    await expect(product.lines('flights')).resolves.toEqual([]);
  });

  it('F23: pauses when retention has passed the next offset, and names what is gone', async () => {
    const topic = await createTopic(brokers);
    await produce(brokers, topic, { records: records(10, 0) });
    const { id } = await product.createJob(spec(topic, { startOffsets: { 0: '2' } }));
    await deleteRecordsBelow(brokers, topic, { partition: 0, offset: 6n });
    await product.settle(id);

    const job = await product.job(id);
    expect(job.state).toBe('PAUSED');
    expect(job.reason.code).toBe('OFFSET_OUT_OF_RANGE');
    expect(job.reason.message).toContain('4 offsets are gone');
  });
});
