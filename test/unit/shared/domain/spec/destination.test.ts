import { describe, expect, it } from 'vitest';
import { type JobSpecInput, jobSpec } from '../../../../../functions/shared/domain/job-spec.ts';
import { rowFormatOf } from '../../../../../functions/shared/domain/spec/row-format.ts';

const secretArn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:doris-AbCdEf';
const doris = { frontends: ['fe1:8030'], database: 'air', table: 'flights', secretArn };
const starrocks = doris;
const s3 = { bucket: 'lake' };
const file = { table: 'flights' };

const specWith = (destination: unknown, more: object = {}) => ({
  name: 'flights',
  source: { kafka: { brokers: ['127.0.0.1:9092'], topic: 'flights' } },
  destination,
  ...more,
});

/** The faults of a specification as "path: message". */
function faultsOf(destination: unknown, more: object = {}): string[] {
  const { error } = jobSpec.safeParse(specWith(destination, more));
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('a destination', () => {
  it.each([{ file }, { s3 }, { doris }, { starrocks }])('may be %j', (destination) => {
    expect(faultsOf(destination)).toEqual([]);
  });

  it.each([
    [{}, 'none'],
    [{ kafka: {} }, 'none'],
    [{ file, s3 }, 'file and s3'],
    [{ doris: {}, starrocks: {}, s3: {} }, 's3 and doris and starrocks'],
  ])('%j is one fault', (destination, got) => {
    expect(faultsOf(destination)).toEqual([
      `destination: must have exactly one of file, s3, doris, starrocks, iceberg, got ${got}`,
    ]);
  });

  it('is left as it was when its own output is parsed again', () => {
    for (const destination of [{ file }, { s3 }, { doris }, { starrocks }]) {
      const once = jobSpec.parse(specWith(destination));
      expect(jobSpec.parse(JSON.parse(JSON.stringify(once)))).toEqual(once);
    }
  });

  it('speaks TLS unless told otherwise', () => {
    expect(jobSpec.parse(specWith({ doris })).destination.doris?.tls).toBe(true);
    expect(faultsOf({ doris: { ...doris, tls: 'frontends' } })).toEqual([]);
  });
});

describe('settings of Doris and StarRocks', () => {
  it.each([
    [{ frontends: [] }, /frontends/],
    [{ frontends: ['http://fe:8030'] }, /frontends\.0: must be host:port/],
    [{ database: 'a/b' }, /database: must be 1-128 letters/],
    [{ table: '../x' }, /table: must be 1-128 letters/],
    [{ secretArn: 'hunter2' }, /secretArn: must be the ARN/],
    [{ timezone: 'UTC\r\nlabel: x' }, /timezone: must not have line breaks/],
    [{ jsonPaths: ['$.a'] }, /unrecognized key/i],
    [{ mergeType: 'MERGE', deleteOn: 'a = 1\u0000' }, /deleteOn: must not have line breaks/],
    [{ mergeType: 'MERGE' }, /deleteOn: is required/],
    [{ deleteOn: 'a = 1' }, /deleteOn: is for mergeType MERGE only/],
    [{ partialColumns: true, uniqueKeyUpdateMode: 'UPSERT' }, /partialColumns/],
    [{ partitions: ['p'], temporaryPartitions: ['q'] }, /temporaryPartitions/],
    [{ groupCommit: 'async_mode' }, /unrecognized key/i],
  ])('%j are a fault', (more, fault) => {
    expect(faultsOf({ doris: { ...doris, ...more } })).toEqual([expect.stringMatching(fault)]);
  });

  it('that do not fit together are told beside those that are wrong by themselves', () => {
    const given = {
      ...doris,
      frontends: ['fe1'],
      groupCommit: 'async_mode',
      deleteOn: 'a = 1',
      partialColumns: true,
      uniqueKeyUpdateMode: 'UPSERT',
      partitions: ['p'],
      temporaryPartitions: ['q'],
    };
    expect(faultsOf({ doris: given }).map((fault) => fault.split(':')[0])).toEqual([
      'destination.doris.frontends.0',
      'destination.doris',
      'destination.doris.temporaryPartitions',
      'destination.doris.deleteOn',
      'destination.doris.partialColumns',
    ]);
    const { groupCommit: _, deleteOn, partialColumns, uniqueKeyUpdateMode, ...rest } = given;
    expect(faultsOf({ starrocks: { ...rest, table: '' } }).map((f) => f.split(':')[0])).toEqual([
      'destination.starrocks.frontends.0',
      'destination.starrocks.table',
      'destination.starrocks.temporaryPartitions',
    ]);
  });

  it.each([
    [{ mergeType: 'UPSERT', deleteOn: 'a = 1' }, 'mergeType'],
    [{ mergeType: 'MERGE', deleteOn: 5 }, 'deleteOn'],
    [{ partialColumns: 'yes', uniqueKeyUpdateMode: 'UPSERT' }, 'partialColumns'],
    [{ partitions: 'p', temporaryPartitions: ['q'] }, 'partitions'],
  ])('%j are one fault: nothing is said that follows from it', (more, field) => {
    expect(faultsOf({ doris: { ...doris, ...more } }).map((fault) => fault.split(':')[0])).toEqual([
      `destination.doris.${field}`,
    ]);
  });

  it('include columns and where as they are, but no line breaks', () => {
    const mapping = { columns: 'n, late = n > 15, d = date(n)', where: "n > 0 and s = 'é'" };
    expect(faultsOf({ doris }, mapping)).toEqual([]);
    expect(faultsOf({ starrocks }, mapping)).toEqual([]);
    expect(faultsOf({ doris }, { where: 'a\r\nlabel: b' })).toEqual([
      'where: must not have line breaks or other control characters',
    ]);
  });

  it('leave no room for metadata beside values that pass as they are', () => {
    const metadata = ['_offset'];
    const fault = 'cannot be added to values that pass as they are: use format json';
    const path = 'destination.doris.metadata';
    expect(faultsOf({ doris: { ...doris, metadata } })).toEqual([]);
    for (const [more, rest] of [
      [{ metadata }, { format: { type: 'raw' } }],
      [{ metadata }, { format: { type: 'csv' } }],
      [{ metadata }, { format: { type: 'json', stripOuterArray: true } }],
    ]) {
      expect(faultsOf({ doris: { ...doris, ...more } }, rest)).toEqual([`${path}: ${fault}`]);
    }
    const rooted = { format: { type: 'json', jsonRoot: '$.a' } };
    expect(faultsOf({ doris: { ...doris, metadata } }, rooted)).toEqual([
      `${path}: cannot be added beside jsonRoot: it would stand outside of the root`,
    ]);
    expect(faultsOf({ doris }, { ...rooted, policies: { tombstone: 'null' } })).toEqual([
      'policies.tombstone: must not be null beside jsonRoot, which it lacks',
    ]);
  });
});

describe('settings of S3', () => {
  it.each([
    [{ bucket: 'A' }, /bucket: must be the name of a bucket/],
    [{ bucket: 'a..b' }, /bucket: must be the name of a bucket/],
    [{ prefix: '/x' }, /prefix: must not begin with a slash/],
    [{ prefix: 'a//b' }, /prefix: must not begin with a slash or have two/],
    [{ prefix: 'ä' }, /prefix: must be a path/],
    [{ keyTemplate: '{date}/{job}' }, /keyTemplate: must have \{task\}/],
    [{ keyTemplate: '{task}/{colour}' }, /keyTemplate: must use .* got \{colour\}/],
    [{ keyTemplate: '{task' }, /keyTemplate: must use .* got \{task/],
    [{ keyTemplate: '{task}{hour}' }, /keyTemplate: must keep \{task\} apart/],
    [{ keyTemplate: 'x{task}' }, /keyTemplate: must keep \{task\} apart/],
    [{ keyTemplate: '/{task}' }, /keyTemplate: must be a path/],
    [{ endpoint: 'file:///etc' }, /endpoint/],
    [{ region: 'EU' }, /region: must be the name of a region/],
    [{ compression: 'lz4' }, /compression/],
  ])('%j are a fault', (more, fault) => {
    expect(faultsOf({ s3: { ...s3, ...more } })).toEqual([expect.stringMatching(fault)]);
  });

  it.each(['{task}', '{table}/{year}-{month}-{day}/{hour}/{lane}.{partition}.{offset}.{task}'])(
    'may have the key %s',
    (keyTemplate) => {
      expect(faultsOf({ s3: { ...s3, keyTemplate } })).toEqual([]);
    },
  );
});

describe('the format of rows', () => {
  const formatOf = (destination: JobSpecInput['destination'], more: Partial<JobSpecInput> = {}) =>
    rowFormatOf(jobSpec.parse(specWith(destination, more)));

  it('is whole JSON for Doris and StarRocks, which map by themselves', () => {
    for (const destination of [{ doris }, { starrocks }]) {
      expect(formatOf(destination, { columns: 'n, m = n + 1' })).toMatchObject({
        format: 'ndjson',
        columns: undefined,
        asIs: false,
      });
      expect(formatOf(destination, { format: { type: 'csv' } })).toMatchObject({
        format: 'csv',
        header: false,
        asIs: true,
      });
      expect(formatOf(destination, { format: { type: 'raw' } })).toMatchObject({
        format: 'ndjson',
        asIs: true,
      });
    }
  });

  it('is what files and objects ask for', () => {
    const csv = { format: 'csv' as const, header: false };
    expect(formatOf({ s3: { ...s3, ...csv } }, { columns: 'b, a' })).toMatchObject({
      ...csv,
      columns: ['b', 'a'],
      asIs: false,
    });
  });
});
