import { describe, expect, it } from 'vitest';
import { faultsOf, minimal, secretArn, withKafka } from './example-specs.ts';

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
    expect(faultsOf(withKafka({ auth: { mechanism: 'tls' } }))).toEqual([]);
    expect(faultsOf(withKafka({ auth: { mechanism: 'tls', secretArn } }))).toEqual([]);
    expect(faultsOf(withKafka({ auth: { mechanism: 'mtls', secretArn } }))).toEqual([]);
    expect(
      faultsOf(withKafka({ auth: { mechanism: 'mtls', tls: false, privateKey: 'hunter2' } })),
    ).toEqual([
      'source.kafka.auth.secretArn: Invalid input: expected string, received undefined',
      'source.kafka.auth: Unrecognized keys: "tls", "privateKey"',
    ]);
    expect(faultsOf(withKafka({ auth: { mechanism: 'none', secretArn } }))).toHaveLength(1);
  });
});
