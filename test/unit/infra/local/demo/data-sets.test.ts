import { describe, expect, it } from 'vitest';
import { jobSpec } from '#shared/domain/job-spec.ts';
import { DATA_SETS } from '../../../../../infra/local/demo/data-sets.ts';
import { jobSpecOf } from '../../../../../infra/local/demo/job-specs.ts';
import type { RowGroups } from '../../../../../infra/local/demo/vega-rows.ts';

async function all(groups: RowGroups): Promise<string[]> {
  const rows: string[] = [];
  for await (const group of groups) rows.push(...group);
  return rows;
}

describe('the data sets of the demo', () => {
  it('are compressed by all four codecs', () => {
    expect(new Set(DATA_SETS.map(({ codec }) => codec))).toEqual(
      new Set(['gzip', 'snappy', 'lz4', 'zstd']),
    );
  });

  it('go from JSON and CSV into NDJSON and CSV, in every pair, and into Parquet', () => {
    const pairs = DATA_SETS.map(({ format, tableFormat }) => `${format.type} ${tableFormat}`);
    expect(new Set(pairs)).toEqual(
      new Set(['json parquet', 'json ndjson', 'json csv', 'csv ndjson', 'csv csv']),
    );
  });

  it('have a large one with at least a million records in 8 partitions', () => {
    expect(DATA_SETS.some(({ count, partitions }) => count >= 1e6 && partitions === 8)).toBe(true);
  });

  it.each(DATA_SETS)('have a job that the API accepts: $name', (dataSet) => {
    const spec = jobSpecOf(dataSet, dataSet.name, ['127.0.0.1:9092']);
    expect(jobSpec.safeParse(spec)).toMatchObject({ success: true });
  });

  it.each(DATA_SETS.filter(({ count }) => count < 1e6))(
    'have as many rows as they say, always in one order: $name',
    async ({ rows, count }) => {
      const first = await all(rows());
      expect(first).toHaveLength(count);
      expect(await all(rows())).toEqual(first);
    },
  );
});
