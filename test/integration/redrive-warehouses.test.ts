import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { dyingSink } from '../support/dying-sink.ts';
import { createTopic, deleteRecordsBelow, deleteTopic, produce } from '../support/kafka.ts';
import { ALL, type BadRowsIn, GOOD, startBadRowsIn } from '../support/warehouse/bad-rows-in.ts';

/** Bad rows of destinations that keep none, read from the topic again: each once. */

const brokers = inject('kafkaBrokers');
const MINUTE_MS = 60_000;

describe.each(['doris', 'starrocks'] as const)('a redrive of a job into %s', (kind) => {
  let bad: BadRowsIn;
  beforeEach(async () => {
    bad = await startBadRowsIn(kind, { brokers, dynamodb: inject('dynamodbEndpoint') });
  });
  afterEach(() => bad.close());

  async function redrive(id: string): Promise<void> {
    expect((await bad.call(`POST /jobs/${id}/redrive`)).status).toBe(200);
    await bad.product.settle(id);
  }

  const lastEntry = async (id: string) =>
    (await bad.call(`GET /jobs/${id}/history`)).body.entries[0];

  it('reads the bad rows of both sides again, each once, and notes what is still bad', async () => {
    const id = await bad.createJob();
    expect(bad.loaded()).toEqual(GOOD);
    expect(await bad.waiting(id)).toMatchObject({ rows: 6, notListed: 0 });
    await bad.correct(id);
    await redrive(id);

    expect(bad.loaded()).toEqual(ALL);
    expect(await bad.waiting(id)).toEqual({ rows: 1, notListed: 0, again: [true] });
    const { reason } = await lastEntry(id);
    expect(reason.code).toBe('REDRIVEN');
    expect(reason.message).toMatch(/5 rows loaded, 0 filtered, 0 skipped, 1 rejected once more$/);
    const { body: proof } = await bad.call(`GET /jobs/${id}/verify`);
    expect([proof.complete, proof.totals.redriven.rows]).toEqual([true, 5]);
  });

  it('may be asked for as often as one likes: what the destination refuses again waits on', async () => {
    const id = await bad.createJob();
    await redrive(id);
    await redrive(id);
    expect(bad.loaded()).toEqual(GOOD);
    expect((await bad.waiting(id)).rows).toBe(6);
    await bad.correct(id);
    await redrive(id);
    expect(bad.loaded()).toEqual(ALL);
  });

  it('leaves out what where leaves out by now', async () => {
    const id = await bad.createJob({ where: 'true' });
    bad.cluster.rules.unselected = (row) => row.includes('bad too');
    await bad.correct(id);
    await redrive(id);
    expect(bad.loaded()).toEqual(ALL.filter((at) => at !== '0/6'));
    expect((await lastEntry(id)).reason.message).toContain('4 rows loaded, 1 filtered');
  });

  it('loads only what the error log has named, and says how much it has not', async () => {
    bad.cluster.rules.unlisted = (row) => row.includes('bad too');
    const id = await bad.createJob();
    expect(await bad.waiting(id)).toMatchObject({ rows: 5, notListed: 1 });
    await bad.correct(id);
    await redrive(id);

    expect(bad.loaded()).toEqual(ALL.filter((at) => at !== '0/6'));
    expect(await bad.waiting(id)).toMatchObject({ rows: 1, notListed: 0 });
    expect((await lastEntry(id)).reason.message).toContain(
      'never to be loaded: 1 that the destination did not name',
    );
  });

  it('loads nothing of rows that do not say where they come from', async () => {
    const id = await bad.createJob({ destination: bad.destination([]) });
    expect(await bad.waiting(id)).toMatchObject({ rows: 3, notListed: 3 });
    await bad.correct(id);
    await redrive(id);
    expect(bad.cluster.transactions.visible('flights')).toHaveLength(GOOD.length + 2);
  });

  it('loads what the topic still has, and says what it has lost', async () => {
    const id = await bad.createJob();
    await bad.correct(id);
    await deleteRecordsBelow(brokers, bad.topic, { partition: 0, offset: 2n });
    await redrive(id);

    expect(bad.loaded()).toEqual(ALL.filter((at) => at !== '0/1'));
    expect((await lastEntry(id)).reason.message).toContain('1 that the topic has no more');
    expect((await bad.waiting(id)).rows).toBe(1);
  });

  it('never reads a topic that was created anew', async () => {
    const id = await bad.createJob();
    await bad.correct(id);
    await bad.call(`POST /jobs/${id}/redrive`);
    await bad.product.cycle();
    await deleteTopic(brokers, bad.topic);
    await createTopic(brokers, { partitions: 2, name: bad.topic });
    await produce(brokers, bad.topic, {
      records: Array.from({ length: 20 }, (_, i) => ({ partition: i % 2, value: `{"n":${i}}` })),
    });
    await bad.product.load(id);
    expect((await lastEntry(id)).reason.code).toBe('REDRIVE_FAILED');
    await bad.product.settle(id);
    expect(bad.loaded()).toEqual(GOOD);
    expect((await bad.waiting(id)).rows).toBe(6);
    const { body: job } = await bad.call(`GET /jobs/${id}`);
    expect([job.state, job.reason.code, job.redrive]).toEqual([
      'PAUSED',
      'TOPIC_RECREATED',
      undefined,
    ]);

    await bad.call(`PATCH /jobs/${id}`, { body: { seek: 'latest' } });
    await bad.call(`POST /jobs/${id}/resume`);
    await bad.product.settle(id);
    await redrive(id);
    expect(bad.loaded()).toEqual(GOOD);
    expect((await lastEntry(id)).reason.message).toContain('6 that the topic has no more');
    expect((await bad.waiting(id)).rows).toBe(0);
  });

  it('F17: of a completed job that is in doubt is dropped, and goes on when a person has looked', async () => {
    const id = await bad.createJob({}, { endOffsets: 'latest' });
    bad.cluster.rules.bad = undefined;
    await bad.call(`PATCH /jobs/${id}`, { body: { policies: { tombstone: 'null' } } });
    await bad.call(`POST /jobs/${id}/redrive`);
    await bad.product.cycle();
    await bad.product.load(id, {
      sinkOf: async (job) => dyingSink(await bad.product.loader.sinkOf(job), 'decision'),
    });
    bad.cluster.transactions.expirePrepared();
    bad.product.clock.forward(2 * MINUTE_MS);
    await bad.product.settle(id);

    expect((await lastEntry(id)).reason.message).toContain('could not be loaded again');
    expect((await bad.call(`GET /jobs/${id}`)).body).toMatchObject({ state: 'COMPLETED' });
    expect((await bad.product.job(id)).dueAt).toBeUndefined();
    await bad.call(`POST /jobs/${id}/redrive`);
    await bad.product.settle(id);
    expect((await lastEntry(id)).detail.code).toBe('COMMIT_IN_DOUBT');
    expect(bad.loaded()).toEqual(GOOD);

    const doubtful = (await bad.product.tasks(id)).find(({ status }) => status === 'IN_DOUBT');
    const body = { outcome: 'not-committed' };
    await bad.call(`POST /jobs/${id}/tasks/${doubtful!.id}/resolve`, { body });
    await redrive(id);
    expect(bad.loaded()).toEqual(ALL);
    expect((await bad.product.job(id)).state).toBe('COMPLETED');
  });
});
