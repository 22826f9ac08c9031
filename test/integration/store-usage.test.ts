import { expect, it } from 'vitest';
import { systemClock } from '#shared/clock.ts';
import { MAX_PARTITIONS_PER_SLICE } from '#shared/domain/slice-plan.ts';
import { newId } from '#shared/new-id.ts';
import { countUsage } from '#shared/store/counted-client.ts';
import { makeDynamoDbTables } from '#shared/store/dynamodb-tables.ts';
import { advanceLane } from '#shared/store/finish.ts';
import { insertLane } from '#shared/store/lanes.ts';
import type { Key, Write } from '#shared/store/tables.ts';
import { claimTask, insertTask, recordDecision } from '#shared/store/tasks.ts';
import { exampleDecision, exampleLane, exampleTask } from '../support/store-examples.ts';
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

const PARTITIONS = 10_000;

/** Write units of one task, from its planning to its end, of a lane with its share of them, when `moved` of these have new records. */
async function unitsOfTask({ lanes, moved }: { lanes: number; moved: number }): Promise<number> {
  const { tables, take } = counting(await freshTables());
  const owned = Math.ceil(PARTITIONS / lanes);
  const taken = Math.min(owned, moved, MAX_PARTITIONS_PER_SLICE);
  const of = <T>(count: number, value: T) =>
    new Map(Array.from({ length: count }, (_, i) => [i * lanes, value] as const));
  const lane = exampleLane({
    next: of(owned, 1_000_000_000n),
    ends: of(owned, 1_000_000_100n),
    start: of(owned, { offset: 900_000_000n, generation: 1, at: 1_790_000_000_000 }),
  });
  await insertLane(tables, lane);
  take();

  const slice = of(taken, { from: 1_000_000_000n, to: 1_000_000_100n });
  const task = exampleTask(lane, { slice });
  await insertTask(tables, lane, task, lane.ends);
  const claimed = await claimTask(tables, task, { owner: 'loader', leaseUntil: 1_790_000_060_000 });
  const decision = exampleDecision(claimed!);
  await recordDecision(tables, claimed!, decision);
  const done = await advanceLane(tables, {
    ...{ lane: { ...lane, revision: task.laneRevision }, task: claimed!, decision },
    ...{ errorWindow: lane.errorWindow, ends: lane.ends, now: 1_790_000_001_000 },
    ...{ token: newId(), retentionDays: 7 },
  });
  expect(done).toBe(true);
  return take().writeUnits;
}

it('a task of a job with 10,000 partitions writes by its lanes what docs/cost.md says', async () => {
  const [busy, quiet] = [[], []] as [number[], number[]];
  for (const lanes of [5, 50, 256]) {
    busy.push(await unitsOfTask({ lanes, moved: PARTITIONS }));
    quiet.push(await unitsOfTask({ lanes, moved: 1 }));
  }

  // On 5 lanes it takes two such tasks for all partitions of a lane.
  expect(busy).toEqual([1_151, 180, 49]);
  expect(quiet).toEqual([706, 90, 34]);
});
