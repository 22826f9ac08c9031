import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChaosDestination } from './destination.ts';

/** Files below the installation's own directory: they are where the comparison looks, and have no server to fail. */
export function fileDestination(tablesDirectory: string): ChaosDestination {
  return {
    name: 'file',
    environment: {},
    secrets: {},
    destinationOf: (topic, table) => ({
      file: {
        table,
        format: topic.tableFormat,
        metadata: ['_partition', '_offset'],
        ...(topic.dated && { partitionBy: { column: 'day', unit: 'day' } }),
      },
    }),
    formatOf: ({ tableFormat }) => tableFormat,
    faults: [],
    collect: async () => undefined,
    hidesLeftovers: false,
    async leftovers(tables) {
      const found: string[] = [];
      for (const table of tables) {
        const names = await readdir(join(tablesDirectory, table, '_staging')).catch(() => []);
        found.push(...names.map((name) => join(table, '_staging', name)));
      }
      return found;
    },
    close: async () => undefined,
  };
}
