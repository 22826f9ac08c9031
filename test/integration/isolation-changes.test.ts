import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import type { Tables } from '../../functions/shared/store/tables.ts';
import { apiOver, type Call } from '../support/api-calls.ts';
import { beginTransaction, createTopic, produce, type TestRecord } from '../support/kafka.ts';
import { freshTables, type Product, startProduct } from '../support/product.ts';

/** Jobs that read on as read_committed, from an offset to which an open transaction keeps them from coming. */

const brokers = inject('kafkaBrokers');
let tables: Tables;
let product: Product;
let call: Call;

beforeEach(async () => {
  tables = await freshTables(inject('dynamodbEndpoint'));
  product = await startProduct(tables);
  call = apiOver(tables, { clock: product.clock }).call;
});
afterEach(() => product.close());

const records = (from: number, to: number): TestRecord[] =>
  Array.from({ length: to - from }, (_, i) => ({ value: JSON.stringify({ n: from + i }) }));

const specOf = (topic: string, kafka: object = {}) => ({
  name: 'flights',
  source: { kafka: { brokers, topic, startOffsets: 'earliest' as const, ...kafka } },
  destination: { file: { table: 'flights' } },
  policies: { offsetOutOfRange: 'earliest' as const },
});

const numbers = async () =>
  (await product.lines('flights')).map((line) => JSON.parse(line).n).sort((a, b) => a - b);

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

/** Offsets 0 to 4 are stable, 5 to 7 of an open transaction, 8 and 9 plain. */
async function logWithOpenTransaction() {
  const topic = await createTopic(brokers);
  await produce(brokers, topic, { records: records(0, 5) });
  const open = await beginTransaction(brokers, topic);
  await open.send(records(5, 8));
  await produce(brokers, topic, { records: records(8, 10) });
  return { topic, open };
}

async function alter(id: string, patch: object): Promise<void> {
  await call(`POST /jobs/${id}/pause`);
  await product.settle(id);
  expect((await call(`PATCH /jobs/${id}`, { body: patch })).status).toBe(200);
  await call(`POST /jobs/${id}/resume`);
}

const position = async (id: string) => (await call(`GET /jobs/${id}`)).body.lag.partitions[0];

const toCommitted = { source: { kafka: { isolation: 'read_committed' } } };

describe('F25: a job that becomes read_committed while a transaction is open', () => {
  it('waits where it stands, and loads nothing a second time', async () => {
    const { topic, open } = await logWithOpenTransaction();
    const { id } = await product.createJob(specOf(topic, { isolation: 'read_uncommitted' }));
    await product.settle(id);
    expect(await numbers()).toEqual(upTo(10));

    await alter(id, toCommitted);
    await product.settle(id);
    expect(await product.job(id)).toMatchObject({ state: 'RUNNING' });
    expect(await position(id)).toEqual({ next: '10', end: '5', lag: '0' });
    expect(await numbers()).toEqual(upTo(10));

    await open.commit();
    await produce(brokers, topic, { records: records(10, 12) });
    await expect
      .poll(
        async () => {
          await product.settle(id);
          return numbers();
        },
        { timeout: 20_000 },
      )
      .toEqual(upTo(12));
    expect((await call(`GET /jobs/${id}/verify`)).body).toMatchObject({ complete: true });
  });

  it('is not COMPLETED before it comes to its end offsets', async () => {
    const { topic, open } = await logWithOpenTransaction();
    const kafka = { isolation: 'read_uncommitted', endOffsets: { 0: '12' } };
    const { id } = await product.createJob(specOf(topic, kafka));
    await product.settle(id);

    await alter(id, toCommitted);
    await product.settle(id);
    expect(await product.job(id)).toMatchObject({ state: 'RUNNING' });
    expect(await numbers()).toEqual(upTo(10));
    await open.abort();
  });

  it('takes an offset beyond the transaction that a person gives it', async () => {
    const { topic, open } = await logWithOpenTransaction();
    const { id } = await product.createJob(specOf(topic));
    await product.settle(id);
    expect(await numbers()).toEqual(upTo(5));

    await alter(id, { seek: { 0: '8' } });
    await product.settle(id);
    expect(await product.job(id)).toMatchObject({ state: 'RUNNING' });
    expect(await position(id)).toMatchObject({ next: '8', lag: '0' });
    expect(await numbers()).toEqual(upTo(5));
    await open.abort();
  });

  it('still has its policy applied for an offset that the log has not at all', async () => {
    const { topic, open } = await logWithOpenTransaction();
    const { id } = await product.createJob(specOf(topic));
    await product.settle(id);

    await alter(id, { seek: { 0: '99' } });
    await product.settle(id);
    expect(await numbers()).toEqual([...upTo(5), ...upTo(5)].sort((a, b) => a - b));
    await open.abort();
  });
});
