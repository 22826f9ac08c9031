import { expect, it } from 'vitest';
import { DEFAULT_TRANSFORM } from '../../../../functions/loader/open-rows.ts';
import { outcomeOf } from '../../../../functions/loader/preview/outcome.ts';
import {
  outcomesTogether,
  placeOf,
} from '../../../../functions/loader/preview/outcomes-together.ts';
import { shownTransform } from '../../../../functions/loader/preview/shown-transform.ts';
import { openRowWriters } from '../../../../functions/loader/row-writers.ts';
import { type JobSpecInput, jobSpec } from '../../../../functions/shared/domain/job-spec.ts';
import { recordOf } from '../rows/record-of.ts';

const file = (more: object = {}) => ({ file: { table: 't', ...more } });
const json = [
  '{"a":"1"}',
  'no JSON',
  '{"a":"x"}',
  '',
  null,
  '{"a":"7"}',
  '{"a":null}',
  '{"a":"2"}',
];

/** A specification, values, and how many outcomes are not certain together. */
const CASES: readonly [string, Partial<JobSpecInput>, readonly (string | null)[], number][] = [
  ['NDJSON', { types: { a: 'INTEGER' }, columns: 'a, b = a + 1', where: 'a <> 7' }, json, 0],
  ['values that are passed on', { where: "a <> '7'" }, json, 0],
  ['CSV', { types: { a: 'INTEGER' }, columns: 'a', destination: file({ format: 'csv' }) }, json, 0],
  [
    'Parquet by date',
    {
      types: { a: 'INTEGER', d: 'DATE' },
      destination: file({ format: 'parquet', partitionBy: { column: 'd', unit: 'month' } }),
    },
    ['{"a":1,"d":"2026-01-31"}', '{"a":2,"d":null}', '{"a":3,"d":"2025-12-01"}', '{"a":"x"}'],
    0,
  ],
  [
    'CSV with line breaks and quotes',
    { columns: 'a, b = upper(a)', destination: file({ format: 'csv' }) },
    ['{"a":"one\\n\\"two\\", three"}', '{"a":"four"}', '{"a":""}', '{"a":"0 1 5"}'],
    0,
  ],
  [
    'arrays, some of them empty',
    { format: { type: 'json', stripOuterArray: true }, where: "a <> '2'" },
    ['[{"a":"1"},{"a":"2"},{"a":"3"}]', '[]', '[{"a":"2"}]', '[{"a":"1"},5]'],
    2,
  ],
];

it.each(CASES)('%s: the records become together what they become one by one', async (...given) => {
  const [, more, values, uncertain] = given;
  const spec = jobSpec.parse({
    name: 'preview',
    source: { kafka: { brokers: ['b:9092'], topic: 'flights' } },
    destination: file(),
    ...more,
  });
  const writers = await openRowWriters({
    spec,
    settings: DEFAULT_TRANSFORM,
    signal: new AbortController().signal,
    onProgress: () => {},
    adapt: shownTransform,
  });
  const format = spec.destination.file?.format === 'csv' ? 'csv' : 'json';
  const records = values.map((value, n) =>
    recordOf({ value, partition: n % 2, offset: 2n ** 62n + BigInt(n) }),
  );
  try {
    const together = await outcomesTogether(records, { writers, format, spec });
    expect(records.length - together.size).toBe(uncertain);
    for (const record of records) {
      const alone = await outcomeOf(record, { writers, format });
      expect(together.get(placeOf(record)) ?? alone).toEqual(alone);
    }
  } finally {
    await writers.close();
  }
});
