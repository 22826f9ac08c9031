import { describe, expect, it } from 'vitest';
import {
  columnNames,
  type JobSpecInput,
  jobSpec,
} from '../../../../functions/shared/domain/job-spec.ts';

const secretArn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:kafka-AbCdEf';
const kafka = { brokers: ['127.0.0.1:9092'], topic: 'flights' };
const minimal = {
  name: 'flights',
  source: { kafka },
  destination: { file: { table: 'flights' } },
} satisfies JobSpecInput;

/** The faults of a specification as "path: message". */
function faultsOf(given: unknown): string[] {
  const parsed = jobSpec.safeParse(given);
  if (parsed.success) return [];
  return parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
}

const withKafka = (more: object) => ({ ...minimal, source: { kafka: { ...kafka, ...more } } });
const withFile = (more: object, rest: object = {}) => ({
  ...minimal,
  ...rest,
  destination: { file: { table: 'flights', ...more } },
});

describe('a specification', () => {
  it('may say everything', () => {
    const given: JobSpecInput = {
      name: 'flights',
      comment: 'departures',
      source: {
        kafka: {
          clusterArn: 'arn:aws:kafka:eu-central-1:123456789012:cluster/c/0a1b-2',
          topic: 'flights',
          partitions: [0, 1],
          startOffsets: { '0': '1200', '1': 'earliest' },
          endOffsets: { timestamp: '2026-01-01T00:00:00Z' },
          isolation: 'read_committed',
          auth: { mechanism: 'scram-sha-512', secretArn },
        },
      },
      format: { type: 'json' },
      columns: 'code, delay',
      destination: { file: { table: 'flights', format: 'ndjson', metadata: ['_offset'] } },
      desiredConcurrency: 5,
      batch: { maxRows: 20_000_000, maxBytes: 268_435_456, maxIntervalSeconds: 10 },
      errors: { maxPerTenThousand: 0, maxFilterRatio: 1 },
      policies: { offsetOutOfRange: 'pause', tombstone: 'skip' },
    };
    expect(faultsOf(given)).toEqual([]);
  });

  it('gets a default for everything it leaves out', () => {
    expect(jobSpec.parse(minimal)).toEqual({
      name: 'flights',
      comment: '',
      source: {
        kafka: {
          ...kafka,
          startOffsets: 'latest',
          isolation: 'read_committed',
          auth: { mechanism: 'none' },
        },
      },
      format: { type: 'json' },
      destination: { file: { table: 'flights', format: 'ndjson', header: true, metadata: [] } },
      desiredConcurrency: 5,
      batch: { maxRows: 20_000_000, maxBytes: 268_435_456, maxIntervalSeconds: 10 },
      errors: { maxPerTenThousand: 0, maxFilterRatio: 1 },
      policies: {
        offsetOutOfRange: 'pause',
        tombstone: 'skip',
        emptyValue: 'reject',
        oversizedRecord: 'pause',
        unknownColumns: 'ignore',
      },
    });
  });

  it('stays the same when its own output is parsed again', () => {
    const once = jobSpec.parse(withKafka({ auth: { mechanism: 'plain', secretArn } }));
    expect(jobSpec.parse(JSON.parse(JSON.stringify(once)))).toEqual(once);
  });

  it('is told all its faults at once', () => {
    const faults = faultsOf({
      name: 'no spaces',
      source: { kafka: { brokers: ['nowhere'], topic: '..', startOffsets: 'middle' } },
      destination: { file: { table: '../etc', format: 'orc' } },
      desiredConcurrency: 0,
      batch: { maxRows: -1, maxBytes: 1.5 },
      errors: { maxPerTenThousand: 10_001, maxFilterRatio: 2 },
      policies: { tombstone: 'forget' },
      colour: 'red',
    });
    const paths = faults.map((fault) => fault.split(':')[0]);
    expect(new Set(paths)).toEqual(
      new Set([
        'name',
        'source.kafka.brokers.0',
        'source.kafka.topic',
        'source.kafka.startOffsets',
        'destination.file.table',
        'destination.file.format',
        'desiredConcurrency',
        'batch.maxRows',
        'batch.maxBytes',
        'errors.maxPerTenThousand',
        'errors.maxFilterRatio',
        'policies.tombstone',
        '',
      ]),
    );
    expect(faults).toContainEqual(expect.stringContaining('colour'));
  });

  it.each([
    ['at the top', { ...minimal, owner: 'me' }],
    ['in the source', { ...minimal, source: { kafka, kinesis: {} } }],
    ['in kafka', withKafka({ groupId: 'g' })],
    ['in auth', withKafka({ auth: { mechanism: 'plain', secretArn, password: 'x' } })],
    ['in the format', { ...minimal, format: { type: 'json', strict: true } }],
    ['in the destination', { ...minimal, destination: { ...minimal.destination, kudu: {} } }],
    ['in the file', withFile({ compression: 'gzip' })],
    ['in batch', { ...minimal, batch: { maxSeconds: 1 } }],
    ['in errors', { ...minimal, errors: { max: 1 } }],
    ['in policies', { ...minimal, policies: { nulls: 'skip' } }],
  ])('has no unknown field %s', (_, given) => {
    expect(faultsOf(given)).toEqual([expect.stringMatching(/unrecognized key/i)]);
  });
});

describe('the source', () => {
  it('is either brokers or a cluster', () => {
    const clusterArn = 'arn:aws:kafka:eu-central-1:123456789012:cluster/c/0a1b-2';
    const fault = 'source.kafka.brokers: exactly one of clusterArn and brokers must be given';
    expect(faultsOf(withKafka({ clusterArn }))).toEqual([fault]);
    expect(faultsOf({ ...minimal, source: { kafka: { topic: 't' } } })).toEqual([fault]);
  });

  it.each([
    ['earliest'],
    ['latest'],
    [{ timestamp: '2026-01-01T00:00:00Z' }],
    [{ timestamp: '2026-01-01T00:00:00.123+02:00' }],
    [{ '0': '1200', '1': 'earliest' }],
    [{ '0': '9223372036854775807' }],
  ])('may start at %j', (startOffsets) => {
    expect(faultsOf(withKafka({ startOffsets }))).toEqual([]);
  });

  it.each([
    [1200],
    ['1200'],
    [{}],
    [{ '0': 1200 }],
    [{ '0': '-1' }],
    [{ '0': '1e3' }],
    [{ '0': '9223372036854775808' }],
    [{ zero: '1' }],
    [{ timestamp: 'yesterday' }],
    [{ timestamp: '2026-01-01' }],
  ])('may not start at %j', (startOffsets) => {
    expect(faultsOf(withKafka({ startOffsets }))).toEqual([
      expect.stringMatching(/^source\.kafka\.startOffsets[.\w]*: (must|Invalid ISO)/),
    ]);
  });

  it('names partitions once, and offsets for those only', () => {
    expect(faultsOf(withKafka({ partitions: [0, 0] }))).toEqual([
      'source.kafka.partitions: must not repeat a partition',
    ]);
    expect(faultsOf(withKafka({ partitions: [0], startOffsets: { '0': '1', '7': '1' } }))).toEqual([
      'source.kafka.startOffsets.7: partition 7 is not among partitions',
    ]);
  });

  it('names secrets by ARN, and only for mechanisms that have one', () => {
    expect(faultsOf(withKafka({ auth: { mechanism: 'plain', secretArn: 'hunter2' } }))).toEqual([
      'source.kafka.auth.secretArn: must be the ARN of a Secrets Manager secret',
    ]);
    expect(faultsOf(withKafka({ auth: { mechanism: 'plain' } }))).toHaveLength(1);
    expect(faultsOf(withKafka({ auth: { mechanism: 'mtls', secretArn } }))).toEqual([]);
    expect(
      faultsOf(withKafka({ auth: { mechanism: 'mtls', tls: false, privateKey: 'hunter2' } })),
    ).toHaveLength(3);
    expect(faultsOf(withKafka({ auth: { mechanism: 'none', secretArn } }))).toHaveLength(1);
  });
});

describe('format, columns and destination', () => {
  it('fit together', () => {
    const csv = { type: 'csv', columns: ['a', 'b'] };
    expect(faultsOf(withFile({ format: 'csv' }, { columns: 'a, b' }))).toEqual([]);
    expect(faultsOf(withFile({}, { format: csv, columns: 'b' }))).toEqual([]);
    expect(faultsOf(withFile({ format: 'csv' }, { format: { type: 'csv' } }))).toEqual([]);
    expect(
      faultsOf(withFile({ format: 'csv', metadata: ['_key'] }, { format: { type: 'raw' } })),
    ).toEqual([]);
  });

  it.each([
    [
      'json into csv without columns',
      withFile({ format: 'csv' }),
      'columns: must name the columns to write when JSON is loaded into csv',
    ],
    [
      'csv into ndjson without names',
      withFile({}, { format: { type: 'csv' } }),
      'format.columns: must name the fields when CSV is loaded into ndjson',
    ],
    [
      'metadata beside raw bytes in ndjson',
      withFile({ metadata: ['_key'] }, { format: { type: 'raw' } }),
      'destination.file.metadata: cannot be added to raw bytes in ndjson; use format json or csv, or destination format csv',
    ],
    [
      'columns of raw values',
      withFile({}, { format: { type: 'raw' }, columns: 'a' }),
      'columns: cannot be given for format raw, whose only column is value',
    ],
    [
      'a repeated metadata column',
      withFile({ metadata: ['_key', '_key'] }),
      'destination.file.metadata: must not repeat a column',
    ],
    [
      'a column without its expression',
      { ...minimal, columns: 'a, late = ' },
      'columns: must be column names, or name = expression, with commas between them, got "late ="',
    ],
    [
      'an empty name among the columns',
      { ...minimal, columns: 'a,,b' },
      'columns: must be column names, or name = expression, with commas between them, got ""',
    ],
    ['a repeated column', { ...minimal, columns: 'a, a' }, 'columns: must not repeat a column'],
    [
      'a repeated field of csv',
      withFile({}, { format: { type: 'csv', columns: ['a', 'a'] } }),
      'format.columns: must not repeat a column',
    ],
    [
      'columns that the csv values do not have',
      withFile({}, { format: { type: 'csv', columns: ['a'] }, columns: 'a, b' }),
      'columns: must be among format.columns, got "b"',
    ],
    [
      'a separator that encloses',
      withFile({ format: 'csv' }, { format: { type: 'csv', columnSeparator: '"' } }),
      'format.columnSeparator: must differ from enclose and escape',
    ],
    [
      'a separator of two characters',
      withFile({ format: 'csv' }, { format: { type: 'csv', columnSeparator: '||' } }),
      'format.columnSeparator: must be one printable ASCII character or a tab',
    ],
  ])('do not fit for %s', (_, given, fault) => {
    expect(faultsOf(given)).toEqual([fault]);
  });

  it.each([['../x'], ['a/b'], ['.hidden'], ['_staging'], [''], ['x'.repeat(129)]])(
    'have no table %j',
    (table) => {
      expect(faultsOf(withFile({ table }))).toEqual([
        'destination.file.table: must be 1-128 of A-Z a-z 0-9 _ . -',
      ]);
    },
  );
});

describe('column names', () => {
  it('are what stands between the commas', () => {
    expect(columnNames(' code,delay , late ')).toEqual(['code', 'delay', 'late']);
  });
});
