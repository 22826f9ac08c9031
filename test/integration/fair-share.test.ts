import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { createTopic, produce } from '../support/kafka.ts';
import { freshTables, type Product, startProduct } from '../support/product.ts';

/** Two jobs with a backlog of hours have all that the installation can do, and a small one comes. */

const brokers = inject('kafkaBrokers');
let product: Product;

beforeEach(async () => {
  product = await startProduct(await freshTables(inject('dynamodbEndpoint')), { capacity: 2 });
});
afterEach(() => product.close());

const BACKLOG = 400;
const rows = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ value: JSON.stringify({ n }) }));

async function jobOver(name: string, count: number) {
  const topic = await createTopic(brokers);
  await produce(brokers, topic, { records: rows(count) });
  return product.createJob({
    name,
    source: { kafka: { brokers, topic, startOffsets: 'earliest' } },
    destination: { file: { table: name } },
    batch: { maxRows: 10 },
  });
}

/** A cycle, then a slice of every lane that has a task: loaders leave the next one to the stream. */
async function cycleAndLoad(ids: readonly string[]): Promise<void> {
  const settings = { ...product.loader.settings, deadlineMarginMs: 595_000 };
  await product.cycle();
  for (const id of ids) await product.load(id, { settings });
  product.clock.forward(60_000);
}

async function loaded(id: string): Promise<number> {
  return (await product.lanes(id)).reduce((sum, lane) => sum + lane.rows, 0);
}

describe('a small job that comes when all of the capacity is in use', () => {
  it('is loaded within a few cycles, and the others go on after it', async () => {
    const hogs = [(await jobOver('hog-a', BACKLOG)).id, (await jobOver('hog-b', BACKLOG)).id];
    for (let i = 0; i < 3; i += 1) await cycleAndLoad(hogs);
    const small = (await jobOver('small', 5)).id;
    for (let i = 0; i < 4; i += 1) await cycleAndLoad([...hogs, small]);

    expect(await product.lines('small')).toHaveLength(5);
    const before = await Promise.all(hogs.map(loaded));
    for (let i = 0; i < 2; i += 1) await cycleAndLoad([...hogs, small]);
    const after = await Promise.all(hogs.map(loaded));
    for (const [i, count] of after.entries()) {
      expect(count).toBeGreaterThan(before[i]!);
      expect(count).toBeLessThan(BACKLOG);
    }
  });

  it('loses nothing and loads nothing twice of the jobs that made room', async () => {
    const hog = await jobOver('hog', 60);
    const other = await jobOver('other', 60);
    const small = await jobOver('small', 20);
    const ids = [hog.id, other.id, small.id];
    for (let i = 0; i < 14; i += 1) await cycleAndLoad(ids);

    const numbers = async (table: string) =>
      (await product.lines(table)).map((line) => JSON.parse(line).n).sort((a, b) => a - b);
    const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);
    expect(await numbers('hog')).toEqual(upTo(60));
    expect(await numbers('other')).toEqual(upTo(60));
    expect(await numbers('small')).toEqual(upTo(20));
  });
});
