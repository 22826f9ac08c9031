import { describe, expect, it } from 'vitest';
import {
  columnNames,
  type JobSpecInput,
  jobSpec,
} from '../../../../functions/shared/domain/job-spec.ts';
import { faultsOf, kafka, minimal, secretArn, withFile, withKafka } from './spec/example-specs.ts';

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

describe('column names', () => {
  it('are what stands between the commas', () => {
    expect(columnNames(' code,delay , late ')).toEqual(['code', 'delay', 'late']);
  });
});
