import { expect, it } from 'vitest';
import type { ChaosDestination } from '../../chaos/destinations/destination.ts';
import { findOrphans } from '../../chaos/findings.ts';
import { CHAOS_TOPICS, type ChaosTable, chaosTables } from '../../chaos/topics.ts';

function tablesOf(name: string, hidesLeftovers: boolean): ChaosTable[] {
  const leftovers = async (tables: readonly string[]) =>
    tables.map((table) => `upload of ${table}`);
  return chaosTables([{ name, hidesLeftovers, leftovers } as unknown as ChaosDestination]);
}

it('whatever is left prepared anywhere is an orphan, and told once', async () => {
  const tables = [...tablesOf('s3', false), ...tablesOf('doris', true)];
  const found = await findOrphans(tables);
  expect(found).toHaveLength(2 * CHAOS_TOPICS.length);
  expect(new Set(found).size).toBe(found.length);
});

it('of destinations that hide what is left it can be asked apart', async () => {
  const tables = [...tablesOf('s3', false), ...tablesOf('doris', true)];
  const found = await findOrphans(tables, { hidden: true });
  expect(found).toEqual(CHAOS_TOPICS.map(({ name }) => `upload of ${name}-doris`));
});
