import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { apiOver, type Call } from '../support/api-calls.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { freshTables, type Product, startProduct } from '../support/product.ts';
import { describeRedriveDeaths } from '../support/suites/redrive-deaths.ts';

/** Dead letters that are loaded again, on real parts: each row once, whatever dies. */

const brokers = inject('kafkaBrokers');
let product: Product;
let call: Call;

beforeEach(async () => {
  const tables = await freshTables(inject('dynamodbEndpoint'));
  product = await startProduct(tables);
  call = apiOver(tables, { clock: product.clock }).call;
});
afterEach(() => product.close());

/** Six records: two good ones, three that only a text column takes, and one that nothing takes. */
const VALUES = ['{"n":1}', '{"n":"one"}', '{"n":"two"}', 'no json', '{"n":2}', '{"n":"three"}'];

/** A job that has rejected four of them. */
async function jobWithDeadLetters(source: { endOffsets?: 'latest' } = {}): Promise<string> {
  const topic = await createTopic(brokers, { partitions: 2 });
  const records = VALUES.map((value, i) => ({ value, partition: i % 2 }));
  await produce(brokers, topic, { records });
  const { id } = await product.createJob({
    name: 'flights',
    source: { kafka: { brokers, topic, startOffsets: 'earliest', ...source } },
    destination: { file: { table: 'flights', metadata: ['_partition', '_offset'] } },
    types: { n: 'INTEGER' },
    errors: { maxPerTenThousand: 10_000 },
  });
  await product.settle(id);
  return id;
}

/** What the user does after looking at the errors. */
async function correct(id: string): Promise<void> {
  await call(`POST /jobs/${id}/pause`);
  const { status } = await call(`PATCH /jobs/${id}`, { body: { types: { n: 'VARCHAR' } } });
  expect(status).toBe(200);
  await call(`POST /jobs/${id}/resume`);
  await product.settle(id);
}

const loaded = async () =>
  (await product.lines('flights')).map((line) => String(JSON.parse(line).n)).sort();

const waiting = async (id: string) => {
  const { body } = await call(`GET /jobs/${id}/dead-letters`);
  return body.deadLetters as { rows: number; again: boolean; location: string; task: string }[];
};

const ALL = ['1', '2', 'one', 'three', 'two'];

describe('a redrive', () => {
  it('loads the rows that are good by now, once, and keeps those that are still bad', async () => {
    const id = await jobWithDeadLetters();
    expect(await loaded()).toEqual(['1', '2']);
    expect((await waiting(id)).reduce((sum, { rows }) => sum + rows, 0)).toBe(4);
    await correct(id);

    const { status, body } = await call(`POST /jobs/${id}/redrive`);
    expect([status, body.state, typeof body.redrive.upTo]).toEqual([200, 'RUNNING', 'string']);
    await product.settle(id);

    expect(await loaded()).toEqual(ALL);
    const left = await waiting(id);
    expect(left.map(({ rows, again }) => [rows, again])).toEqual([[1, true]]);
    expect(await readdir(join(product.directory, 'flights', '_staging'))).toEqual([]);
    const { body: job } = await call(`GET /jobs/${id}`);
    expect([job.redrive, job.statistics.rows]).toEqual([undefined, 5]);
    expect(job.lanes.map(({ lane }: { lane: number }) => lane)).toEqual([0, 1]);
  });

  it('may be asked for again: what is still bad is tried once more, and then left alone', async () => {
    const id = await jobWithDeadLetters();
    for (let times = 0; times < 2; times += 1) {
      await call(`POST /jobs/${id}/redrive`);
      await product.settle(id);
      expect((await waiting(id)).reduce((sum, { rows }) => sum + rows, 0)).toBe(4);
    }
    await correct(id);
    await call(`POST /jobs/${id}/redrive`);
    await call(`POST /jobs/${id}/redrive`);
    await product.settle(id);
    expect(await loaded()).toEqual(ALL);
  });

  it('is in the history and in the proof of completeness', async () => {
    const id = await jobWithDeadLetters();
    await correct(id);
    await call(`POST /jobs/${id}/redrive`);
    await product.settle(id);

    const { body: proof } = await call(`GET /jobs/${id}/verify`);
    expect([proof.complete, proof.totals.rows, proof.totals.rejected]).toEqual([true, 2, 4]);
    expect(proof.totals.redriven).toEqual({
      rows: 3,
      elements: 3,
      rejected: 1,
      filtered: 0,
      skipped: 0,
    });
    const { body: history } = await call(`GET /jobs/${id}/history`);
    const codes = history.entries.map(({ reason }: { reason: { code: string } }) => reason.code);
    expect(codes.slice(0, 2)).toEqual(['REDRIVEN', 'REDRIVE_REQUESTED']);
    expect(history.entries[0].reason.message).toContain('3 rows loaded');
  });

  it('of a paused job waits until it runs', async () => {
    const id = await jobWithDeadLetters();
    await call(`POST /jobs/${id}/pause`);
    await call(`PATCH /jobs/${id}`, { body: { types: { n: 'VARCHAR' } } });
    await call(`POST /jobs/${id}/redrive`);
    await product.settle(id);
    expect(await loaded()).toEqual(['1', '2']);
    await call(`POST /jobs/${id}/resume`);
    await product.settle(id);
    expect(await loaded()).toEqual(ALL);
  });

  it('whose dead letters are gone is dropped with a reason, and the job goes on', async () => {
    const id = await jobWithDeadLetters();
    await rm(join(product.directory, 'flights', '_dead_letters'), { recursive: true });
    await call(`POST /jobs/${id}/redrive`);
    await product.settle(id);

    const { body: job } = await call(`GET /jobs/${id}`);
    expect([job.state, job.redrive]).toEqual(['RUNNING', undefined]);
    const { body: history } = await call(`GET /jobs/${id}/history`);
    expect(history.entries[0].reason).toMatchObject({ code: 'REDRIVE_FAILED' });
    expect(history.entries[0].reason.message).toContain('there are no dead letters at');
    expect((await waiting(id)).length).toBeGreaterThan(0);
  });

  it('of a completed job corrects it, loads them, and leaves it completed', async () => {
    const id = await jobWithDeadLetters({ endOffsets: 'latest' });
    expect((await product.job(id)).state).toBe('COMPLETED');
    expect((await call(`PATCH /jobs/${id}`, { body: { seek: 'earliest' } })).status).toBe(409);
    const { status } = await call(`PATCH /jobs/${id}`, { body: { types: { n: 'VARCHAR' } } });
    expect(status).toBe(200);
    const { body } = await call(`POST /jobs/${id}/redrive`);
    expect([body.state, typeof body.redrive.upTo]).toEqual(['COMPLETED', 'string']);
    expect((await call(`PATCH /jobs/${id}`, { body: { types: {} } })).body.code).toBe(
      'TASKS_IN_FLIGHT',
    );
    expect((await call(`POST /jobs/${id}/pause`)).body.code).toBe('ILLEGAL_STATE_CHANGE');
    await product.settle(id);

    expect(await loaded()).toEqual(ALL);
    expect((await waiting(id)).map(({ rows, again }) => [rows, again])).toEqual([[1, true]]);
    const { state, redrive, dueAt } = await product.job(id);
    expect([state, redrive, dueAt]).toEqual(['COMPLETED', undefined, undefined]);
    expect((await call(`GET /jobs/${id}/verify`)).body.complete).toBe(true);
  });

  it('of a completed job whose name another has by now is its own', async () => {
    const id = await jobWithDeadLetters({ endOffsets: 'latest' });
    const other = await jobWithDeadLetters();
    await call(`PATCH /jobs/${id}`, { body: { types: { n: 'VARCHAR' } } });
    await call(`POST /jobs/${id}/redrive`);
    await product.settle(id);
    expect((await waiting(id)).length).toBe(1);
    expect((await waiting(other)).reduce((sum, { rows }) => sum + rows, 0)).toBe(4);
  });

  it('of a completed job that is gone is dropped with a reason', async () => {
    const id = await jobWithDeadLetters({ endOffsets: 'latest' });
    await rm(join(product.directory, 'flights', '_dead_letters'), { recursive: true });
    await call(`POST /jobs/${id}/redrive`);
    await product.settle(id);
    const { state, redrive, dueAt } = await product.job(id);
    expect([state, redrive, dueAt]).toEqual(['COMPLETED', undefined, undefined]);
    const { body: history } = await call(`GET /jobs/${id}/history`);
    expect(history.entries[0].reason.code).toBe('REDRIVE_FAILED');
  });

  it('is refused where nothing waits, and for a job that is stopped', async () => {
    const topic = await createTopic(brokers);
    const { id } = await product.createJob({
      name: 'clean',
      source: { kafka: { brokers, topic } },
      destination: { file: { table: 'clean' } },
    });
    const none = await call(`POST /jobs/${id}/redrive`);
    expect([none.status, none.body.code]).toEqual([409, 'NO_DEAD_LETTERS']);
    await call(`POST /jobs/${id}/stop`);
    const final = await call(`POST /jobs/${id}/redrive`);
    expect([final.status, final.body.code]).toEqual([409, 'ILLEGAL_STATE_CHANGE']);
    expect(final.body.detail).toContain('STOPPED is final');
  });
});

describe.each<[string, { endOffsets?: 'latest' }, readonly ('dies' | 'stands still')[]]>([
  ['running', {}, ['dies']],
  ['completed', { endOffsets: 'latest' }, ['stands still']],
])('F1, F9: the loader of a redrive of a %s job', (_state, source, ways) => {
  describeRedriveDeaths({
    product: () => product,
    ways,
    points: 16,
    async asked() {
      const id = await jobWithDeadLetters(source);
      if (source.endOffsets) await call(`PATCH /jobs/${id}`, { body: { types: { n: 'VARCHAR' } } });
      else await correct(id);
      await call(`POST /jobs/${id}/redrive`);
      return id;
    },
    async expectExact(id) {
      expect(await loaded()).toEqual(ALL);
      expect((await waiting(id)).map(({ rows }) => rows)).toEqual([1]);
      expect(await readdir(join(product.directory, 'flights', '_staging'))).toEqual([]);
    },
  });
});
