import { describe, expect, it } from 'vitest';
import { installationFaults } from '../../../functions/api/installation-limits.ts';

const limits = {
  ALLOWED_BROKERS: ['*'],
  ALLOWED_DESTINATIONS: ['*'],
  ALLOWED_ENDPOINTS: undefined,
  ALLOWED_REGISTRIES: ['*'],
  FILE_DIRECTORIES: ['/data'],
  MAX_BATCH_ROWS: 1_000,
  MAX_BATCH_BYTES: 1_000_000,
} as Parameters<typeof installationFaults>[1];

describe('what an installation allows', () => {
  it('F14: a specification that would not fit the item of its job is refused', () => {
    const offsets = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, partition) => [partition, '9223372036854775807']),
    );
    const input = { source: { kafka: { startOffsets: offsets } } };
    const faults = installationFaults(input, limits);
    expect(faults).toMatchObject([{ pointer: '' }]);
    expect(faults[0]?.detail).toContain('at most 262144 bytes');
    expect(installationFaults({ comment: 'short' }, limits)).toEqual([]);
  });

  it('the frontends of a warehouse must be on the list, and link-local ones by their own name', () => {
    const narrow = { ...limits, ALLOWED_DESTINATIONS: ['*.doris.test'] };
    const frontends = ['fe1.doris.test:8030', 'evil.test:8030', 5];
    expect(installationFaults({ destination: { doris: { frontends } } }, narrow)).toEqual([
      {
        pointer: '/destination/doris/frontends/1',
        detail:
          'frontend evil.test is not on the list of allowed destinations, allowed: *.doris.test',
      },
    ]);
    const metadata = { destination: { starrocks: { frontends: ['169.254.169.254:80'] } } };
    expect(installationFaults(metadata, limits)).toMatchObject([
      { pointer: '/destination/starrocks/frontends/0' },
    ]);
  });

  it('the catalog of a table and the server of its files must be on their lists', () => {
    const endpoint = 'http://127.0.0.1:9000';
    const iceberg = { catalog: { uri: 'https://catalog.test:8181/iceberg' }, endpoint };
    const spec = { destination: { iceberg } };
    const narrow = { ...limits, ALLOWED_DESTINATIONS: ['*.lake.test'] };
    expect(installationFaults(spec, { ...limits, ALLOWED_ENDPOINTS: [endpoint] })).toEqual([]);
    expect(installationFaults(spec, narrow)).toEqual([
      {
        pointer: '/destination/iceberg/endpoint',
        detail: 'no endpoint is allowed: ALLOWED_ENDPOINTS is not set',
      },
      {
        pointer: '/destination/iceberg/catalog/uri',
        detail:
          'catalog catalog.test is not on the list of allowed destinations, allowed: *.lake.test',
      },
    ]);
  });

  it('a schema registry must be on the list', () => {
    const spec = {
      format: { type: 'avro', registry: { confluent: { url: 'https://schemas.test:8081/path' } } },
    };
    const narrow = { ...limits, ALLOWED_REGISTRIES: ['*.registry.test'] };
    expect(installationFaults(spec, limits)).toEqual([]);
    expect(installationFaults(spec, narrow)).toEqual([
      {
        pointer: '/format/registry/confluent/url',
        detail:
          'registry schemas.test is not on the list of allowed registries, allowed: *.registry.test',
      },
    ]);
  });

  it('another endpoint than that of Amazon S3 must be on the list', () => {
    const endpoint = 'http://127.0.0.1:9000';
    const spec = { destination: { s3: { bucket: 'lake', endpoint } } };
    expect(installationFaults(spec, limits)).toEqual([
      {
        pointer: '/destination/s3/endpoint',
        detail: 'no endpoint is allowed: ALLOWED_ENDPOINTS is not set',
      },
    ]);
    expect(installationFaults(spec, { ...limits, ALLOWED_ENDPOINTS: [endpoint] })).toEqual([]);
    expect(
      installationFaults(spec, { ...limits, ALLOWED_ENDPOINTS: ['https://s3.test'] }),
    ).toMatchObject([{ pointer: '/destination/s3/endpoint' }]);
  });
});
