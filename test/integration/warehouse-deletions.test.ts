import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { allowedHosts } from '../../functions/shared/allowed-hosts.ts';
import { systemClock } from '../../functions/shared/clock.ts';
import type { JobSpecInput } from '../../functions/shared/domain/job-spec.ts';
import { type DorisDouble, startDoris } from '../support/doris/doris-double.ts';
import { createTopic, produce, type TestRecord } from '../support/kafka.ts';
import { freshTables, type Product, startProduct } from '../support/product.ts';
import { confluentFrame } from '../support/registry/frames.ts';
import { ORDER_FORMATS } from '../support/registry/order-values.ts';
import { type RegistryDouble, startRegistryDouble } from '../support/registry/registry-double.ts';
import { type StarrocksDouble, startStarrocks } from '../support/starrocks/starrocks-double.ts';
import { keyedRows } from '../support/warehouse/keyed-table.ts';
import { loginsOf, SECRET } from '../support/warehouse/sink-over.ts';

/** Tombstones that delete in tables with a unique or primary key, by whole jobs. */

const brokers = inject('kafkaBrokers');

let doris: DorisDouble;
let starrocks: StarrocksDouble;
let registry: RegistryDouble;
let product: Product;

beforeAll(async () => {
  [doris, starrocks, registry] = await Promise.all([
    startDoris(),
    startStarrocks(),
    startRegistryDouble(),
  ]);
  const { user: username, password } = doris.login;
  product = await startProduct(await freshTables(inject('dynamodbEndpoint')), {
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
});
afterAll(async () => {
  await product.close();
  await Promise.all([doris.close(), starrocks.close(), registry.stop()]);
});

type Kind = 'doris' | 'starrocks';
const cluster = (kind: Kind) => (kind === 'doris' ? doris : starrocks);

interface Given {
  readonly kind: Kind;
  readonly table: string;
  readonly keyColumns: string[];
  /** Each part is a slice of its own. */
  readonly slices: readonly (readonly TestRecord[])[];
}

/** Runs a job slice by slice and returns what is in the table then. */
async function tableAfter(given: Given, spec: Partial<JobSpecInput>) {
  const { kind, table, keyColumns, slices } = given;
  const topic = await createTopic(brokers);
  const warehouse = {
    frontends: cluster(kind).addresses(),
    tls: false,
    database: 'shop',
    secretArn: SECRET,
    table,
    keyColumns,
  };
  const { id } = await product.createJob({
    name: table,
    source: { kafka: { brokers, topic, startOffsets: 'earliest' } },
    policies: { tombstone: 'delete' },
    destination: { [kind]: warehouse },
    ...spec,
  });
  for (const records of slices) {
    await produce(brokers, topic, { records });
    await product.settle(id);
  }
  return { id, rows: keyedRows(cluster(kind).transactions, { table, keyColumns }) };
}

const upsert = (id: number, name: string) => ({
  key: `{"id":${id}}`,
  value: JSON.stringify({ id, name, unknown: true }),
});
const tombstone = (id: number) => ({ key: `{"id":${id},"other":1}`, value: null });

describe.each<Kind>(['doris', 'starrocks'])('tombstones of a job into %s', (kind) => {
  it('delete the rows of their keys, loaded earlier, in the same slice, or never', async () => {
    const { id, rows } = await tableAfter(
      {
        kind,
        table: `${kind}-rows`,
        keyColumns: ['id'],
        slices: [
          [upsert(1, 'a'), upsert(2, 'b'), upsert(3, 'c'), tombstone(3)],
          [tombstone(1), tombstone(9), upsert(2, 'B'), tombstone(4), upsert(4, 'd')],
        ],
      },
      { columns: 'id, name' },
    );
    expect(rows).toEqual([
      { id: 2, name: 'B' },
      { id: 4, name: 'd' },
    ]);
    const [, second] = await product.tasks(id);
    expect(second?.decision?.statistics.policies).toEqual([
      { policy: 'tombstone', action: 'delete', partition: 0, count: 3, from: 4n, to: 8n },
    ]);
  });

  it('delete by all columns of a key, and keys that name no row are bad rows', async () => {
    const key = (shop: string, id: number) => JSON.stringify({ shop, id });
    const row = (shop: string, id: number) => ({ key: key(shop, id), value: key(shop, id) });
    const { id, rows } = await tableAfter(
      {
        kind,
        table: `${kind}-keys`,
        keyColumns: ['shop', 'id'],
        slices: [
          [
            ...[row('x', 1), row('y', 1), row('x', 2)],
            { key: key('x', 1), value: null },
            { key: '{"shop":"y"}', value: null },
            { value: null },
          ],
        ],
      },
      { columns: 'shop, id', errors: { maxPerTenThousand: 10_000 } },
    );
    expect(rows).toEqual([
      { shop: 'y', id: 1 },
      { shop: 'x', id: 2 },
    ]);
    const [task] = await product.tasks(id);
    expect(task?.decision?.statistics.badRows).toMatchObject([
      { offset: '4', column: 'id', reason: 'deletes nothing: its key has no such field' },
      { offset: '5', reason: 'deletes nothing: its key is null' },
    ]);
  });

  it.each(ORDER_FORMATS)('delete where values are $type', async (format) => {
    registry.register(1, format);
    const order = (id: number) => ({
      key: String(id),
      value: confluentFrame(1, format.message.confluent, format.encode({ id, name: `n${id}` })),
    });
    const { rows } = await tableAfter(
      {
        kind,
        table: `${kind}-${format.type}`,
        keyColumns: ['name'],
        slices: [[order(1), order(2)], [{ key: 'n1', value: null }]],
      },
      {
        columns: 'id, name',
        format: { type: format.type, registry: { confluent: { url: registry.url } } },
      },
    );
    expect(rows).toEqual([{ id: 2, name: 'n2' }]);
  });
});

it('tombstones of a job into doris delete without columns, too, which names the mark as hidden', async () => {
  const { rows } = await tableAfter(
    {
      kind: 'doris',
      table: 'doris-hidden',
      keyColumns: ['id'],
      slices: [[upsert(1, 'a'), upsert(2, 'b')], [tombstone(1)]],
    },
    {},
  );
  expect(rows).toEqual([{ id: 2, name: 'b', unknown: true }]);
});
