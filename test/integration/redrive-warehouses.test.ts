import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { runChain } from '../../functions/loader/run-chain.ts';
import { allowedHosts } from '../../functions/shared/allowed-hosts.ts';
import { systemClock } from '../../functions/shared/clock.ts';
import type { JobSpecInput } from '../../functions/shared/domain/job-spec.ts';
import { apiOver, type Call } from '../support/api-calls.ts';
import { startDoris } from '../support/doris/doris-double.ts';
import { dyingSink } from '../support/dying-sink.ts';
import { createTopic, deleteRecordsBelow, deleteTopic, produce } from '../support/kafka.ts';
import { freshTables, type Product, startProduct } from '../support/product.ts';
import { startStarrocks } from '../support/starrocks/starrocks-double.ts';
import { TurningPoints } from '../support/turning-points.ts';
import { loginsOf, SECRET } from '../support/warehouse/sink-over.ts';

/** Bad rows of destinations that keep none, read from the topic again: each once, whatever dies. */

const brokers = inject('kafkaBrokers');
const MINUTE_MS = 60_000;

const clusters = { doris: () => startDoris(), starrocks: () => startStarrocks() };

/**
 * Two partitions. The tombstones are bad by the policy, `no json` is by itself; what holds `bad` is for the
 * destination, until it is told to take it.
 */
const VALUES = [
  ['{"n":1}', null, '{"n":"bad"}', '{"n":2}', 'no json', '{"n":3}', '{"n":"bad too"}'],
  ['{"n":"bad"}', '{"n":4}', null, '{"n":5}'],
];
const GOOD = ['0/0', '0/3', '0/5', '1/1', '1/3'];
const BAD_FOR_A_WHILE = ['0/1', '0/2', '0/6', '1/0', '1/2'];
const ALL = [...GOOD, ...BAD_FOR_A_WHILE].sort();

describe.each(['doris', 'starrocks'] as const)('a redrive of a job into %s', (kind) => {
  let cluster: Awaited<ReturnType<(typeof clusters)[typeof kind]>>;
  let product: Product;
  let call: Call;
  let topic: string;
  beforeEach(async () => {
    cluster = await clusters[kind]();
    cluster.rules.bad = (row) => (row.includes('bad') ? 'column(n) is wrong' : undefined);
    const { user, password } = cluster.login;
    const tables = await freshTables(inject('dynamodbEndpoint'));
    product = await startProduct(tables, {
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
    call = apiOver(tables, { clock: product.clock }).call;
    topic = await createTopic(brokers, { partitions: 2 });
  });
  afterEach(async () => {
    await product.close();
    await cluster.close();
  });

  async function jobWithBadRows(
    more: Partial<JobSpecInput> = {},
    source: { endOffsets?: 'latest' } = {},
  ): Promise<string> {
    const records = VALUES.flatMap((values, partition) =>
      values.map((value) => ({ partition, value })),
    );
    await produce(brokers, topic, { records });
    const { id } = await product.createJob({
      name: 'flights',
      source: { kafka: { brokers, topic, startOffsets: 'earliest', ...source } },
      destination: {
        [kind]: {
          frontends: cluster.addresses(),
          tls: false,
          database: 'air',
          table: 'flights',
          secretArn: SECRET,
          metadata: ['_partition', '_offset'],
        },
      },
      policies: { tombstone: 'reject' },
      errors: { maxPerTenThousand: 10_000 },
      ...more,
    });
    await product.settle(id);
    return id;
  }

  /** What the user does after looking at the errors: in the table, and in the job. */
  async function correct(id: string): Promise<void> {
    cluster.rules.bad = undefined;
    cluster.rules.unlisted = undefined;
    await call(`POST /jobs/${id}/pause`);
    const body = { policies: { tombstone: 'null' } };
    expect((await call(`PATCH /jobs/${id}`, { body })).status).toBe(200);
    await call(`POST /jobs/${id}/resume`);
    await product.settle(id);
  }

  async function redrive(id: string): Promise<void> {
    expect((await call(`POST /jobs/${id}/redrive`)).status).toBe(200);
    await product.settle(id);
  }

  const loaded = () =>
    cluster.transactions
      .visible('flights')
      .map((row) => JSON.parse(row))
      .map((row) => `${row._partition}/${row._offset}`)
      .sort();

  const waiting = async (id: string) => {
    const { body } = await call(`GET /jobs/${id}/dead-letters`);
    const letters = body.deadLetters as { rows: number; notListed: number; again: boolean }[];
    return {
      rows: letters.reduce((sum, { rows }) => sum + rows, 0),
      notListed: letters.reduce((sum, { notListed }) => sum + notListed, 0),
      again: letters.map(({ again }) => again),
    };
  };

  const lastEntry = async (id: string) => (await call(`GET /jobs/${id}/history`)).body.entries[0];

  it('reads the bad rows of both sides again, each once, and notes what is still bad', async () => {
    const id = await jobWithBadRows();
    expect(loaded()).toEqual(GOOD);
    expect(await waiting(id)).toMatchObject({ rows: 6, notListed: 0 });
    await correct(id);
    await redrive(id);

    expect(loaded()).toEqual(ALL);
    expect(await waiting(id)).toEqual({ rows: 1, notListed: 0, again: [true] });
    const { reason } = await lastEntry(id);
    expect(reason.code).toBe('REDRIVEN');
    expect(reason.message).toMatch(/5 rows loaded, 0 filtered, 0 skipped, 1 rejected once more$/);
    const { body: proof } = await call(`GET /jobs/${id}/verify`);
    expect([proof.complete, proof.totals.redriven.rows]).toEqual([true, 5]);
  });

  it('may be asked for as often as one likes: what the destination refuses again waits on', async () => {
    const id = await jobWithBadRows();
    await redrive(id);
    await redrive(id);
    expect(loaded()).toEqual(GOOD);
    expect((await waiting(id)).rows).toBe(6);
    await correct(id);
    await redrive(id);
    expect(loaded()).toEqual(ALL);
  });

  it('leaves out what where leaves out by now', async () => {
    const id = await jobWithBadRows({ where: 'true' });
    cluster.rules.unselected = (row) => row.includes('bad too');
    await correct(id);
    await redrive(id);
    expect(loaded()).toEqual(ALL.filter((at) => at !== '0/6'));
    expect((await lastEntry(id)).reason.message).toContain('4 rows loaded, 1 filtered');
  });

  it('loads only what the error log has named, and says how much it has not', async () => {
    cluster.rules.unlisted = (row) => row.includes('bad too');
    const id = await jobWithBadRows();
    expect(await waiting(id)).toMatchObject({ rows: 5, notListed: 1 });
    await correct(id);
    await redrive(id);

    expect(loaded()).toEqual(ALL.filter((at) => at !== '0/6'));
    expect(await waiting(id)).toMatchObject({ rows: 1, notListed: 0 });
    expect((await lastEntry(id)).reason.message).toContain(
      'never to be loaded: 1 that the destination did not name',
    );
  });

  it('loads nothing of rows that do not say where they come from', async () => {
    const destination = {
      frontends: cluster.addresses(),
      tls: false,
      database: 'air',
      table: 'flights',
      secretArn: SECRET,
    };
    const id = await jobWithBadRows({ destination: { [kind]: destination } });
    expect(await waiting(id)).toMatchObject({ rows: 3, notListed: 3 });
    await correct(id);
    await redrive(id);
    expect(cluster.transactions.visible('flights')).toHaveLength(GOOD.length + 2);
  });

  it('loads what the topic still has, and says what it has lost', async () => {
    const id = await jobWithBadRows();
    await correct(id);
    await deleteRecordsBelow(brokers, topic, { partition: 0, offset: 2n });
    await redrive(id);

    expect(loaded()).toEqual(ALL.filter((at) => at !== '0/1'));
    expect((await lastEntry(id)).reason.message).toContain('1 that the topic has no more');
    expect((await waiting(id)).rows).toBe(1);
  });

  it('never reads a topic that was created anew', async () => {
    const id = await jobWithBadRows();
    await correct(id);
    await call(`POST /jobs/${id}/redrive`);
    await product.cycle();
    await deleteTopic(brokers, topic);
    await createTopic(brokers, { partitions: 2, name: topic });
    await produce(brokers, topic, {
      records: Array.from({ length: 20 }, (_, i) => ({ partition: i % 2, value: `{"n":${i}}` })),
    });
    await product.load(id);
    expect((await lastEntry(id)).reason.code).toBe('REDRIVE_FAILED');
    await product.settle(id);
    expect(loaded()).toEqual(GOOD);
    expect((await waiting(id)).rows).toBe(6);
    const { body: job } = await call(`GET /jobs/${id}`);
    expect([job.state, job.reason.code, job.redrive]).toEqual([
      'PAUSED',
      'TOPIC_RECREATED',
      undefined,
    ]);

    await call(`PATCH /jobs/${id}`, { body: { seek: 'latest' } });
    await call(`POST /jobs/${id}/resume`);
    await product.settle(id);
    await redrive(id);
    expect(loaded()).toEqual(GOOD);
    expect((await lastEntry(id)).reason.message).toContain('6 that the topic has no more');
    expect((await waiting(id)).rows).toBe(0);
  });

  it('F17: of a completed job that is in doubt is dropped, and goes on when a person has looked', async () => {
    const id = await jobWithBadRows({}, { endOffsets: 'latest' });
    cluster.rules.bad = undefined;
    await call(`PATCH /jobs/${id}`, { body: { policies: { tombstone: 'null' } } });
    await call(`POST /jobs/${id}/redrive`);
    await product.cycle();
    await product.load(id, {
      sinkOf: async (job) => dyingSink(await product.loader.sinkOf(job), 'decision'),
    });
    cluster.transactions.expirePrepared();
    product.clock.forward(2 * MINUTE_MS);
    await product.settle(id);

    expect((await lastEntry(id)).reason.message).toContain('could not be loaded again');
    expect((await call(`GET /jobs/${id}`)).body).toMatchObject({ state: 'COMPLETED' });
    expect((await product.job(id)).dueAt).toBeUndefined();
    await call(`POST /jobs/${id}/redrive`);
    await product.settle(id);
    expect((await lastEntry(id)).detail.code).toBe('COMMIT_IN_DOUBT');
    expect(loaded()).toEqual(GOOD);

    const doubtful = (await product.tasks(id)).find(({ status }) => status === 'IN_DOUBT');
    const body = { outcome: 'not-committed' };
    await call(`POST /jobs/${id}/tasks/${doubtful!.id}/resolve`, { body });
    await redrive(id);
    expect(loaded()).toEqual(ALL);
    expect((await product.job(id)).state).toBe('COMPLETED');
  });

  describe('F1, F9: its loader', () => {
    const POINTS = 14;

    async function asked(): Promise<{ id: string; taskId: string }> {
      const id = await jobWithBadRows();
      await correct(id);
      await call(`POST /jobs/${id}/redrive`);
      await product.cycle();
      const task = (await product.tasks(id)).find(({ status }) => status === 'PENDING');
      return { id, taskId: task!.id };
    }

    const start = (points: TurningPoints, { id, taskId }: { id: string; taskId: string }) => {
      const { loader } = product;
      const deps = {
        ...loader,
        tables: points.around(loader.tables),
        sinkOf: async (job: Parameters<typeof loader.sinkOf>[0]) =>
          points.aroundSink(await loader.sinkOf(job)),
      };
      return runChain(deps, { jobId: id, taskId }, product.clock.now() + 10 * MINUTE_MS);
    };

    async function expectExact(id: string): Promise<void> {
      product.clock.forward(2 * MINUTE_MS);
      await product.settle(id);
      expect(loaded()).toEqual(ALL);
      expect((await waiting(id)).rows).toBe(1);
    }

    it('passes as many points as the tests below go through', async () => {
      const points = new TurningPoints();
      const job = await asked();
      await start(points, job);
      expect(points.passed).toHaveLength(POINTS);
      await expectExact(job.id);
    });

    it.each(Array.from({ length: POINTS }, (_, at) => at))(
      'may die at point %i: each row is loaded once',
      async (at) => {
        const job = await asked();
        const points = new TurningPoints({ at, what: 'dies' });
        await start(points, job).catch(() => undefined);
        expect(points.passed).toHaveLength(at + 1);
        await expectExact(job.id);
      },
    );

    it.each(Array.from({ length: POINTS }, (_, at) => at))(
      'may stand still at point %i until another has done its work: each row is loaded once',
      async (at) => {
        const job = await asked();
        const sleep = Promise.withResolvers<void>();
        const points = new TurningPoints({ at, what: sleep.promise });
        const zombie = start(points, job);
        await points.reached;
        product.clock.forward(2 * MINUTE_MS);
        await product.settle(job.id);
        sleep.resolve();
        await zombie;
        await expectExact(job.id);
      },
    );
  });
});
