import { describe, expect, inject, it } from 'vitest';
import { beginTransaction, createTopic, produce } from '../support/kafka.ts';
import { range } from '../support/numbered-records.ts';
import { numberedRows, numbersIn, productForEachTest } from '../support/product-for-each-test.ts';

/** Jobs that read on as read_committed, from an offset to which an open transaction keeps them from coming. */

const brokers = inject('kafkaBrokers');
const own = productForEachTest();

const specOf = (topic: string, kafka: object = {}) => ({
  name: 'flights',
  source: { kafka: { brokers, topic, startOffsets: 'earliest' as const, ...kafka } },
  destination: { file: { table: 'flights' } },
  policies: { offsetOutOfRange: 'earliest' as const },
});

/** Offsets 0 to 4 are stable, 5 to 7 of an open transaction, 8 and 9 plain. */
async function logWithOpenTransaction() {
  const topic = await createTopic(brokers);
  await produce(brokers, topic, { records: numberedRows(0, 5) });
  const open = await beginTransaction(brokers, topic);
  await open.send(numberedRows(5, 8));
  await produce(brokers, topic, { records: numberedRows(8, 10) });
  return { topic, open };
}

async function alter(id: string, patch: object): Promise<void> {
  await own.call(`POST /jobs/${id}/pause`);
  await own.product.settle(id);
  expect((await own.call(`PATCH /jobs/${id}`, { body: patch })).status).toBe(200);
  await own.call(`POST /jobs/${id}/resume`);
}

const position = async (id: string) => (await own.call(`GET /jobs/${id}`)).body.lag.partitions[0];

const toCommitted = { source: { kafka: { isolation: 'read_committed' } } };

describe('F25: a job that becomes read_committed while a transaction is open', () => {
  it('waits where it stands, and loads nothing a second time', async () => {
    const { topic, open } = await logWithOpenTransaction();
    const { id } = await own.product.createJob(specOf(topic, { isolation: 'read_uncommitted' }));
    await own.product.settle(id);
    expect(await numbersIn(own.product, 'flights')).toEqual(range(0, 10));

    await alter(id, toCommitted);
    await own.product.settle(id);
    expect(await own.product.job(id)).toMatchObject({ state: 'RUNNING' });
    expect(await position(id)).toEqual({ next: '10', end: '5', lag: '0' });
    expect(await numbersIn(own.product, 'flights')).toEqual(range(0, 10));

    await open.commit();
    await produce(brokers, topic, { records: numberedRows(10, 12) });
    await expect
      .poll(
        async () => {
          await own.product.settle(id);
          return numbersIn(own.product, 'flights');
        },
        { timeout: 20_000 },
      )
      .toEqual(range(0, 12));
    expect((await own.call(`GET /jobs/${id}/verify`)).body).toMatchObject({ complete: true });
  });

  it('is not COMPLETED before it comes to its end offsets', async () => {
    const { topic, open } = await logWithOpenTransaction();
    const kafka = { isolation: 'read_uncommitted', endOffsets: { 0: '12' } };
    const { id } = await own.product.createJob(specOf(topic, kafka));
    await own.product.settle(id);

    await alter(id, toCommitted);
    await own.product.settle(id);
    expect(await own.product.job(id)).toMatchObject({ state: 'RUNNING' });
    expect(await numbersIn(own.product, 'flights')).toEqual(range(0, 10));
    await open.abort();
  });

  it('takes an offset beyond the transaction that a person gives it', async () => {
    const { topic, open } = await logWithOpenTransaction();
    const { id } = await own.product.createJob(specOf(topic));
    await own.product.settle(id);
    expect(await numbersIn(own.product, 'flights')).toEqual(range(0, 5));

    await alter(id, { seek: { 0: '8' } });
    await own.product.settle(id);
    expect(await own.product.job(id)).toMatchObject({ state: 'RUNNING' });
    expect(await position(id)).toMatchObject({ next: '8', lag: '0' });
    expect(await numbersIn(own.product, 'flights')).toEqual(range(0, 5));
    await open.abort();
  });

  it('still has its policy applied for an offset that the log has not at all', async () => {
    const { topic, open } = await logWithOpenTransaction();
    const { id } = await own.product.createJob(specOf(topic));
    await own.product.settle(id);

    await alter(id, { seek: { 0: '99' } });
    await own.product.settle(id);
    expect(await numbersIn(own.product, 'flights')).toEqual(
      [...range(0, 5), ...range(0, 5)].sort((a, b) => a - b),
    );
    await open.abort();
  });
});
