import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jobSpec } from '../../../../../functions/shared/domain/job-spec.ts';

function faultsOf(given: unknown): string[] {
  const parsed = jobSpec.safeParse(given);
  if (parsed.success) return [];
  return parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).sort();
}

const kafka = { brokers: ['127.0.0.1:9092'], topic: 'flights' };
const file = { table: 'flights' };

it('what does not fit together is told beside what is wrong by itself', () => {
  const given = {
    name: 'two words',
    source: { kafka: { topic: 'flights', broker: ['127.0.0.1:9092'], partitions: [1, 1] } },
    destination: { file: { ...file, format: 'csv' } },
    where: 'a = (1',
    desiredConcurrency: 0,
    batch: { maxRows: '100' },
    unknown: true,
  };
  expect(faultsOf(given)).toEqual([
    ': Unrecognized key: "unknown"',
    'batch.maxRows: Invalid input: expected number, received string',
    'columns: must name the columns to write when JSON is loaded into csv',
    'desiredConcurrency: Too small: expected number to be >=1',
    'name: must be 1-64 of A-Z a-z 0-9 _ -',
    'source.kafka.brokers: exactly one of clusterArn and brokers must be given',
    'source.kafka.partitions: must not repeat a partition',
    'source.kafka: Unrecognized key: "broker"',
    'where: must be closed by )',
  ]);
});

it('columns and filter are looked at beside a faulty destination whose kind is known', () => {
  const given = {
    name: 'flights',
    source: { kafka },
    destination: { file: { ...file, format: 'orc' } },
    columns: 'a,,b',
    where: 'a; b',
  };
  expect(faultsOf(given).map((fault) => fault.split(':')[0])).toEqual([
    'columns',
    'destination.file.format',
    'where',
  ]);
});

it.each(['doris', 'starrocks'])(
  'what policies ask of %s is told beside faults inside of it',
  (kind) => {
    const warehouse = {
      frontends: ['fe'],
      database: 'd',
      table: 't',
      secretArn: 'x',
      colour: 'red',
    };
    const given = (more: object) => ({
      name: 'flights',
      source: { kafka },
      policies: { tombstone: 'delete', unknownColumns: 'reject' },
      destination: { [kind]: { ...warehouse, ...more } },
    });
    const paths = (more: object) =>
      faultsOf(given(more))
        .map((fault) => fault.split(':')[0])
        .sort();
    const columns = kind === 'starrocks' ? ['columns'] : [];
    const inside = [`destination.${kind}`, `destination.${kind}.frontends.0`];
    expect(paths({})).toEqual([
      ...columns,
      ...inside,
      `destination.${kind}.keyColumns`,
      `destination.${kind}.secretArn`,
      'policies.unknownColumns',
    ]);
    // What follows from a fault is none.
    expect(paths({ keyColumns: 'id' })).toEqual([
      ...columns,
      ...inside,
      `destination.${kind}.keyColumns`,
      `destination.${kind}.secretArn`,
      'policies.unknownColumns',
    ]);
    const noObject = { ...given({}), destination: { [kind]: 'x' } };
    expect(faultsOf(noObject)).toHaveLength(1);
  },
);

it('nothing is said that only follows from another fault', () => {
  const flawed = { name: 'flights', source: { kafka }, destination: { file } };
  const csv = { ...flawed, destination: { file: { ...file, format: 'csv' } } };
  expect(faultsOf({ ...csv, columns: 5 })).toHaveLength(1);
  expect(faultsOf({ ...csv, format: { type: 'yaml' } })).toHaveLength(1);
  expect(faultsOf({ ...flawed, destination: { file, s3: {} }, where: 'a; b' })).toHaveLength(1);
  expect(faultsOf({ ...flawed, source: { kafka: 'localhost' } })).toHaveLength(1);
  expect(faultsOf([])).toHaveLength(1);
});

const s3 = { bucket: 'tables', format: 'parquet', metadata: ['_key'] };
const warehouse = {
  frontends: ['fe:8030'],
  database: 'd',
  table: 't',
  secretArn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:x',
  metadata: ['_key'],
  keyColumns: ['a'],
};

it.each([
  ['s3', s3, ['format', 'metadata', 'bucket']],
  [
    'doris',
    { ...warehouse, mergeType: 'MERGE', deleteOn: 'a' },
    ['metadata', 'keyColumns', 'mergeType', 'deleteOn'],
  ],
  ['starrocks', { ...warehouse, partitions: ['p'] }, ['metadata', 'keyColumns', 'partitions']],
])(
  'whatever stands in a field, with %s, it is refused or taken, and never breaks the check',
  (kind, destination, inside) => {
    const whole = {
      name: 'flights',
      source: { kafka: { ...kafka, partitions: [0], startOffsets: { '0': '1' } } },
      format: { type: 'json', jsonPaths: ['$.a'] },
      columns: 'a, b = a + 1',
      where: 'a > 1',
      types: { a: 'INTEGER' },
      destination: { [kind]: destination },
      policies: { tombstone: 'delete', unknownColumns: 'reject' },
    };
    const places = [
      ...Object.keys(whole).map((name) => [name]),
      ['source', 'kafka'],
      ...Object.keys(whole.source.kafka).map((name) => ['source', 'kafka', name]),
      ['format', 'type'],
      ['format', 'jsonPaths'],
      ['destination', kind],
      ...inside.map((name) => ['destination', kind, name]),
      ...Object.keys(whole.policies).map((name) => ['policies', name]),
    ];
    const junk = fc.oneof(fc.jsonValue(), fc.constantFrom('csv', 'ndjson', 'raw', undefined));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...places), junk), { maxLength: 3 }),
        (given) => {
          const spec = structuredClone(whole) as Record<string, unknown>;
          for (const [path, value] of given) put(spec, path, value);
          expect(() => jobSpec.safeParse(spec)).not.toThrow();
        },
      ),
      { numRuns: 1_000 },
    );
  },
);

function put(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path;
  const inner = target[name];
  if (rest.length === 0) target[name] = value;
  else if (typeof inner === 'object' && inner !== null) {
    put(inner as Record<string, unknown>, rest, value);
  }
}
