import { expect, inject, it, onTestFinished } from 'vitest';
import { allowedHosts } from '../../functions/shared/allowed-hosts.ts';
import { systemClock } from '../../functions/shared/clock.ts';
import { apiOver } from '../support/api-calls.ts';
import { startDoris } from '../support/doris/doris-double.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { freshTables, startProduct } from '../support/product.ts';
import { startStarrocks } from '../support/starrocks/starrocks-double.ts';
import { loginsOf, SECRET } from '../support/warehouse/sink-over.ts';

/** Arrays that Doris and StarRocks take apart themselves, by whole jobs. */

const brokers = inject('kafkaBrokers');

it.each([
  ['doris', startDoris],
  ['starrocks', startStarrocks],
] as const)(
  'elements that %s loads are told beside the records that they are from',
  async (kind, start) => {
    const cluster = await start();
    onTestFinished(() => cluster.close());
    cluster.rules.bad = (row) => (row.includes('"n":5') ? 'column(n) is wrong' : undefined);
    cluster.rules.unselected = (row) => row.includes('"n":6');
    const { user: username, password } = cluster.login;
    const product = await startProduct(await freshTables(inject('dynamodbEndpoint')), {
      sinks: {
        logins: loginsOf([{ username, password }]),
        outbound: {
          allowed: allowedHosts(['127.0.0.1'], 'destinations'),
          clock: systemClock,
          connectTimeoutMs: 1_000,
          requestTimeoutMs: 5_000,
        },
      },
    });
    onTestFinished(() => product.close());
    const topic = await createTopic(brokers);
    await produce(brokers, topic, {
      records: [
        '[{"n":1},{"n":2}]',
        '[{"n":3}]',
        '[{"n":4},{"n":5},{"n":6},{"n":7}]',
        '[{"n":8}]',
      ].map((value) => ({ value })),
    });
    const frontends = cluster.addresses();
    const table = 'arrays';
    const { id } = await product.createJob({
      name: table,
      source: { kafka: { brokers, topic, startOffsets: 'earliest' } },
      format: { type: 'json', stripOuterArray: true },
      where: 'n <> 6',
      errors: { maxPerTenThousand: 10_000 },
      destination: { [kind]: { frontends, tls: false, database: 'air', table, secretArn: SECRET } },
    });
    await product.settle(id);

    const loaded = cluster.transactions.visible(table);
    expect(loaded).toEqual([1, 2, 3, 4, 7, 8].map((n) => `{"n":${n}}`));
    const { call } = apiOver(product.tables, { clock: product.clock });
    const { body: proof } = await call(`GET /jobs/${id}/verify`);
    // The destination counts elements, and which records they are from nobody knows.
    const counts = { rows: 2, rejected: 1, filtered: 1, skipped: 0, elements: loaded.length };
    expect(proof).toMatchObject({
      complete: true,
      totals: { offsets: '4', holes: '0', ...counts },
    });
    const { body: job } = await call(`GET /jobs/${id}`);
    expect(job.statistics).toMatchObject(counts);
  },
);
