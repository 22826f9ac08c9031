import { expect, it } from 'vitest';
import { systemClock } from '#shared/clock.ts';
import { countUsage } from '#shared/store/counted-client.ts';
import { makeDynamoDbTables } from '#shared/store/dynamodb-tables.ts';
import type { Key, Write } from '#shared/store/tables.ts';
import { type FreshTables, freshTables } from '../support/tables.ts';

/** What the store's calls cost, as DynamoDB itself counts it. */

const key = (sk: string): Key => ({ table: 'jobs', pk: 'JOB#1', sk });
const put = (sk: string): Write => ({
  kind: 'put',
  key: key(sk),
  item: { n: 1 },
  condition: [{ attribute: 'pk', is: 'absent' }],
});

/** A view of the tables that counts. */
function counting({ client, jobsTable, tasksTable }: FreshTables) {
  const counted = countUsage(client, { transactionFactor: 2 });
  const tables = makeDynamoDbTables({
    client: counted.client,
    tableNames: { jobs: jobsTable, tasks: tasksTable },
    clock: systemClock,
    random: () => 0.5,
  });
  return { tables, take: counted.take };
}

it('reads and writes are counted by their units, and each once', async () => {
  const { tables, take } = counting(await freshTables());

  await tables.write(put('LANE#1'));
  expect(take()).toEqual({ calls: 1, readUnits: 0, writeUnits: 1 });
  await tables.get(key('LANE#1'));
  await tables.query('jobs', 'JOB#1');
  expect(take()).toEqual({ calls: 2, readUnits: 2, writeUnits: 0 });
  await tables.transact([put('A'), put('B')], 'token');
  // As DynamoDB itself counts and bills it.
  expect(take()).toEqual({ calls: 1, readUnits: 0, writeUnits: 4 });
  expect(take()).toEqual({ calls: 0, readUnits: 0, writeUnits: 0 });
});

it('a write that is refused is a call, whose units nobody tells', async () => {
  const { tables, take } = counting(await freshTables());
  await tables.write(put('LANE#1'));
  take();

  expect(await tables.write(put('LANE#1'))).toMatchObject({ applied: false });
  expect(take()).toEqual({ calls: 1, readUnits: 0, writeUnits: 0 });
});

it('two views of one client are counted apart', async () => {
  const store = await freshTables();
  const [one, other] = [counting(store), counting(store)];

  await Promise.all([one.tables.write(put('A')), other.tables.get(key('B'))]);

  expect(one.take()).toMatchObject({ calls: 1, writeUnits: 1 });
  expect(other.take()).toMatchObject({ calls: 1, writeUnits: 0 });
});
