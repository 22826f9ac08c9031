import { expect, it } from 'vitest';
import { DEFAULT_TRANSFORM } from '../../../../functions/loader/open-rows.ts';
import {
  bareRecords,
  type ShowRecordsOptions,
  showRecords,
} from '../../../../functions/loader/preview/show-records.ts';
import { type JobSpecInput, jobSpec } from '../../../../functions/shared/domain/job-spec.ts';
import { recordOf } from '../rows/record-of.ts';

const records = (...values: readonly (string | null)[]) =>
  values.map((value, n) => ({ record: recordOf({ value, offset: BigInt(n) }) }));

function optionsFor(more: Partial<JobSpecInput> = {}): ShowRecordsOptions {
  return {
    spec: jobSpec.parse({
      name: 'preview',
      source: { kafka: { brokers: ['b:9092'], topic: 'flights' } },
      destination: { file: { table: 'flights' } },
      ...more,
    }),
    settings: DEFAULT_TRANSFORM,
    inferred: undefined,
    signal: new AbortController().signal,
    until: Number.POSITIVE_INFINITY,
  };
}

const withheld = { partition: 0, from: 7n, to: 9n, count: 2, bytes: 1e9, reason: 'too large' };

it('every record is a row, filtered, rejected or skipped, and is counted as what it is shown as', async () => {
  const picked = [...records('{"a":"1"}', '{"a":"2"}', '[]', '', null), { withheld }];
  const shown = await showRecords(picked, optionsFor({ where: "a <> '2'" }));
  expect(shown.records).toMatchObject([
    { offset: '0', rows: [{ a: '1' }] },
    { offset: '1', filtered: true },
    { offset: '2', rejected: { reason: expect.any(String) } },
    { offset: '3', rejected: { reason: expect.stringContaining('emptyValue') } },
    { offset: '4', skipped: 'policies.tombstone is skip' },
    { offset: '7', rejected: { reason: 'too large' } },
  ]);
  expect(shown.counts).toEqual({
    records: 7,
    rows: 1,
    elements: 1,
    filtered: 1,
    rejected: 4,
    skipped: 1,
  });
});

it('records for which there is no time are shown as they came, and are not counted', async () => {
  const picked = [...records('{"a":1}'), { withheld }];
  const shown = await showRecords(picked, { ...optionsFor({ where: 'true' }), until: 0 });
  expect(shown.records).toEqual(bareRecords(picked));
  expect(shown.records).toMatchObject([{ offset: '0', value: '{"a":1}' }, { offset: '7' }]);
  expect(shown.counts.records).toBe(0);
});

it('columns show without any record, and a mapping that is none fails all the same', async () => {
  const types = { time: 'TIMESTAMPTZ', price: 'DECIMAL(12,2)' };
  const columns = 'day = time::date, price, _offset';
  const shown = await showRecords([], optionsFor({ columns, types }));
  expect(shown.columns).toEqual([
    { name: 'day', type: 'DATE' },
    { name: 'price', type: 'DECIMAL(12,2)' },
    { name: '_offset', type: 'BIGINT' },
  ]);
  await expect(showRecords([], optionsFor({ where: 'nofunc(a)' }))).rejects.toMatchObject({
    code: 'SCHEMA_MISMATCH',
  });
});

it('a table of a thousand columns shows the first ones and says how many are left out', async () => {
  const names = Array.from({ length: 1_200 }, (_, n) => `field_${n}_${'x'.repeat(50)}`);
  const value = JSON.stringify(Object.fromEntries(names.map((name) => [name, 'text'])));
  const shown = await showRecords(records(value), optionsFor());
  expect(shown.columns.length).toBeGreaterThan(300);
  expect(shown.columns.length + (shown.columnsLeftOut ?? 0)).toBe(1_200);
  expect(JSON.stringify(shown).length).toBeLessThan(262_144);
});

it('rows of Parquet are JSON with the digits of their types', async () => {
  const types = { a: 'DECIMAL(4,4)', b: 'TIMESTAMPTZ', c: 'DOUBLE', 'd "e"': 'DECIMAL(38,0)' };
  const destination = { file: { table: 't', format: 'parquet' as const } };
  const value = '{"a": 0.5, "b": "2026-01-31T10:00:00+02:00", "c": null, "d \\"e\\"": 1}';
  const shown = await showRecords(records(value), optionsFor({ types, destination }));
  expect(JSON.stringify(shown.records[0]?.rows)).toBe(
    '[{"a":0.5000,"b":"2026-01-31 08:00:00+00","c":null,"d \\"e\\"":1}]',
  );
});

it('rows for a table have its columns and types, and show what it would not take', async () => {
  const column = (name: string, fieldId: number, type: string) => {
    return { name, fieldId, told: type, type, isRequired: fieldId === 1 };
  };
  const columns = [
    column('id', 1, 'BIGINT'),
    column('raw', 2, 'BLOB'),
    column('late', 3, 'BOOLEAN'),
  ];
  const table = { columns, partitionBy: undefined };
  const iceberg = { catalog: { uri: 'http://c:1' }, namespace: 'air', table: 'flights' };
  const options = optionsFor({
    destination: { iceberg },
    columns: 'id, raw = from_base64(raw)',
    policies: { unknownColumns: 'reject' },
  });
  const picked = records('{"id":1,"raw":"YWI="}', '{"id":1.5}', '{"raw":null}', '{"id":2,"new":1}');
  const shown = await showRecords(picked, { ...options, table });
  expect(shown.columns).toEqual([
    { name: 'id', type: 'BIGINT' },
    { name: 'raw', type: 'BLOB' },
  ]);
  expect(shown.records).toMatchObject([
    { rows: [{ id: 1, raw: 'ab' }] },
    { rejected: { column: 'id', reason: expect.stringContaining('BIGINT') } },
    { rejected: { column: 'id', reason: 'is null, which the table does not allow' } },
    { rejected: { column: 'new' } },
  ]);
});
