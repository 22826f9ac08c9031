import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { allowedHosts } from '../../functions/shared/allowed-hosts.ts';
import { systemClock } from '../../functions/shared/clock.ts';
import type { JobSpecInput } from '../../functions/shared/domain/job-spec.ts';
import { totalCounts } from '../../functions/shared/domain/task.ts';
import { listLeftAttempts } from '../../functions/shared/store/left-attempts.ts';
import { startDoris } from '../support/doris/doris-double.ts';
import { type Death, dyingSink } from '../support/dying-sink.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { freshTables, type Product, startProduct } from '../support/product.ts';
import { startStarrocks } from '../support/starrocks/starrocks-double.ts';
import { loginsOf, SECRET } from '../support/warehouse/sink-over.ts';

const brokers = inject('kafkaBrokers');

const records = (count: number, partition: number, begin = 0) =>
  Array.from({ length: count }, (_, i) => ({
    partition,
    value: JSON.stringify({ partition, n: begin + i }),
  }));

const LEASE_IS_OVER_MS = 120_000;

const clusters = {
  doris: () => startDoris({ frontends: 2, backends: 2 }),
  starrocks: () => startStarrocks({ frontends: 2, backends: 2 }),
};

describe.each(['doris', 'starrocks'] as const)('a job into %s', (kind) => {
  let cluster: Awaited<ReturnType<(typeof clusters)[typeof kind]>>;
  let product: Product;
  let topic: string;
  beforeEach(async () => {
    cluster = await clusters[kind]();
    const { user, password } = cluster.login;
    product = await startProduct(await freshTables(inject('dynamodbEndpoint')), {
      sinks: {
        logins: loginsOf([{ username: user, password }]),
        outbound: {
          allowed: allowedHosts(['127.0.0.1'], 'destinations'),
          clock: systemClock,
          connectTimeoutMs: 1_000,
          requestTimeoutMs: 5_000,
        },
      },
    });
    topic = await createTopic(brokers, { partitions: 3 });
  });
  afterEach(async () => {
    await product.close();
    await cluster.close();
  });

  async function createJob(more: Partial<JobSpecInput> = {}): Promise<string> {
    const warehouse = {
      frontends: cluster.addresses(),
      tls: false,
      database: 'air',
      table: 'flights',
      secretArn: SECRET,
      metadata: ['_partition' as const, '_offset' as const],
    };
    const { id } = await product.createJob({
      name: 'flights',
      source: { kafka: { brokers, topic, startOffsets: 'earliest' } },
      destination: { [kind]: warehouse },
      ...more,
    });
    return id;
  }

  /** `partition/offset` of every visible row, sorted. */
  const positions = () =>
    cluster.transactions
      .visible('flights')
      .map((row) => JSON.parse(row))
      .map((row) => `${row._partition}/${row._offset}`)
      .sort();

  const expected = (...counts: number[]) =>
    counts.flatMap((count, p) => Array.from({ length: count }, (_, i) => `${p}/${i}`)).sort();

  const totals = async (id: string) =>
    (await product.lanes(id)).reduce(
      (sum, lane) => ({
        rows: sum.rows + lane.rows,
        rejected: sum.rejected + lane.rejected,
      }),
      { rows: 0, rejected: 0 },
    );

  it('loads every partition and offset exactly once, over as many lanes as backends live', async () => {
    await produce(brokers, topic, {
      records: [...records(500, 0), ...records(20, 1), ...records(7, 2)],
    });
    const id = await createJob();
    await product.settle(id);
    await produce(brokers, topic, { records: records(5, 1, 20) });
    await product.settle(id);

    expect(positions()).toEqual(expected(500, 25, 7));
    expect(await product.lanes(id)).toHaveLength(2);
  });

  it.each<Death>(['prepare', 'decision', 'commit'])(
    'F1, F15, F16: survives a loader that dies behind the %s',
    async (death) => {
      await produce(brokers, topic, { records: records(30, 0) });
      const id = await createJob();
      await product.cycle();
      const dying = await product.load(id, {
        sinkOf: async (job) => dyingSink(await product.loader.sinkOf(job), death),
      });
      expect(dying.map(({ end }) => end)).toContain('lost');
      product.clock.forward(LEASE_IS_OVER_MS);
      await product.settle(id);

      expect(positions()).toEqual(expected(30));
      expect((await product.lanes(id)).map((lane) => lane.next.get(0))).toContain(30n);
      const open = cluster.transactions.all.filter(({ state }) => state === 'PRECOMMITTED');
      expect(open).toEqual([]);
    },
  );

  it('F9: what a zombie prepares behind its successor, and dies of, is gone once no loader of then can live', async () => {
    await produce(brokers, topic, { records: records(30, 0) });
    const id = await createJob();
    await product.cycle();
    const held = Promise.withResolvers<void>();
    const isHeld = Promise.withResolvers<void>();
    const zombie = product.load(id, {
      sinkOf: async (job) => {
        const sink = dyingSink(await product.loader.sinkOf(job), 'prepare');
        const open: typeof sink.open = async (...attempt) => {
          isHeld.resolve();
          await held.promise;
          return sink.open(...attempt);
        };
        return { ...sink, open };
      },
    });
    await isHeld.promise;
    product.clock.forward(LEASE_IS_OVER_MS);
    await product.settle(id);
    held.resolve();
    expect((await zombie).map(({ end }) => end)).toContain('lost');
    const open = () => cluster.transactions.all.filter(({ state }) => state === 'PRECOMMITTED');
    expect(open()).toHaveLength(1);

    product.clock.forward(product.loader.settings.loaderLifeMs);
    await produce(brokers, topic, { records: records(5, 0, 30) });
    await product.settle(id);
    expect(open()).toEqual([]);
    expect(await listLeftAttempts(product.tables, id)).toEqual([]);
    expect(positions()).toEqual(expected(35));
  });

  it('F15, F16: loads once although answers are lost', async () => {
    await produce(brokers, topic, { records: records(30, 0) });
    const id = await createJob();
    if ('aliveBackends' in cluster) cluster.failNext('lose-load-answer');
    else cluster.failNext('lose-prepare-answer');
    cluster.failNext('lose-commit-answer');
    cluster.failNext('commit-publish-timeout');
    await product.settle(id);
    await produce(brokers, topic, { records: records(30, 0, 30) });
    await product.settle(id);

    expect(positions()).toEqual(expected(60));
  });

  it('F17: a decided transaction that is gone puts the task in doubt and pauses the job', async () => {
    await produce(brokers, topic, { records: records(30, 0) });
    const id = await createJob();
    await product.cycle();
    await product.load(id, {
      sinkOf: async (job) => dyingSink(await product.loader.sinkOf(job), 'decision'),
    });
    cluster.transactions.expirePrepared();
    product.clock.forward(LEASE_IS_OVER_MS);
    await product.settle(id);

    const job = await product.job(id);
    expect([job.state, job.reason.code]).toEqual(['PAUSED', 'COMMIT_IN_DOUBT']);
    expect((await product.tasks(id)).map(({ status }) => status)).toEqual(['IN_DOUBT']);
    expect(positions()).toEqual([]);
    const loads = cluster.transactions.all;
    expect(loads).toHaveLength(1);
  });

  it('F18: goes on when servers die, and finishes when all were away for longer than a lease', async () => {
    await produce(brokers, topic, { records: records(30, 0) });
    const id = await createJob();
    await product.cycle();
    for (let i = 0; i < 4; i += 1) cluster.failNext('die-before-commit');
    expect((await product.load(id)).map(({ end }) => end)).toContain('given-back');
    product.clock.forward(600_000);
    await cluster.frontends[0]?.stop();
    await product.settle(id);

    expect(positions()).toEqual(expected(30));
  });

  it('F18: pauses when it is redirected to a foreign host, which gets nothing', async () => {
    const foreign = await startDoris();
    cluster.redirectTo = `localhost:${foreign.backends[0]?.port}`;
    await produce(brokers, topic, { records: records(3, 0) });
    const id = await createJob();
    await product.settle(id);

    const job = await product.job(id);
    expect([job.state, job.reason.code]).toEqual(['PAUSED', 'SINK_REJECTED']);
    expect(job.reason.message).not.toContain(cluster.login.password);
    expect(foreign.seen).toEqual([]);
    await foreign.close();
  });

  it('F21: commits nothing when the destination rejects too many rows, and says which', async () => {
    cluster.rules.bad = (row) => (row.includes('"n":7,') ? 'column(n) is wrong' : undefined);
    await produce(brokers, topic, { records: records(30, 0) });
    const id = await createJob();
    await product.settle(id);

    const job = await product.job(id);
    expect([job.state, job.reason.code]).toEqual(['PAUSED', 'TOO_MANY_BAD_ROWS']);
    expect(job.reason.message).toContain('partition 0 offset 7 column "n": column(n) is wrong');
    expect(positions()).toEqual([]);
    expect((await product.lanes(id))[0]?.next.get(0)).toBe(0n);
  });

  it('F21: counts rejected rows within the limit once, and those that where leaves out apart', async () => {
    cluster.rules.bad = (row) => (row.includes('"n":7,') ? 'column(n) is wrong' : undefined);
    cluster.rules.unselected = (row) => row.includes('"n":8,');
    await produce(brokers, topic, { records: records(30, 0) });
    const id = await createJob({ errors: { maxPerTenThousand: 10 }, where: 'n <> 8' });
    await product.settle(id);

    expect(positions()).toEqual(expected(30).filter((at) => at !== '0/7' && at !== '0/8'));
    expect(await totals(id)).toMatchObject({ rows: 28, rejected: 1 });
    const [task] = await product.tasks(id);
    expect(totalCounts(task!.decision!.statistics.counts)).toEqual({
      rows: 28,
      rejected: 1,
      filtered: 1,
      skipped: 0,
    });
    expect(task?.decision?.statistics.badRows).toMatchObject([{ partition: 0, offset: '7' }]);
  });

  it('commits a slice of which where leaves nothing', async () => {
    cluster.rules.unselected = () => true;
    await produce(brokers, topic, { records: records(5, 0) });
    const id = await createJob({ where: 'false' });
    await product.settle(id);

    expect((await product.job(id)).state).toBe('RUNNING');
    expect((await product.lanes(id)).map((lane) => lane.next.get(0))).toContain(5n);
    expect(positions()).toEqual([]);
  });

  it('waits for room when there are too many versions', async () => {
    await produce(brokers, topic, { records: records(5, 0) });
    const id = await createJob();
    cluster.failNext('too-many-versions');
    await product.settle(id);

    expect(positions()).toEqual(expected(5));
    expect((await product.job(id)).state).toBe('RUNNING');
  });

  it('is not divided while no frontend says how many backends live, and comes back by itself', async () => {
    await Promise.all(cluster.frontends.map((frontend) => frontend.stop()));
    const id = await createJob();
    await product.cycle();

    const job = await product.job(id);
    expect([job.state, job.reason.code]).toEqual(['PAUSED', 'SINK_UNREACHABLE']);
    expect(job.resume).toBeDefined();
  });
});
