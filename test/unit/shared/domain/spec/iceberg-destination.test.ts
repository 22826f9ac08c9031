import { describe, expect, it } from 'vitest';
import { type JobSpecInput, jobSpec } from '../../../../../functions/shared/domain/job-spec.ts';

const uri = 'https://glue.eu-west-1.amazonaws.com/iceberg';
const secretArn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:catalog-AbCdEf';
const iceberg = { catalog: { uri }, namespace: 'air.eu', table: 'flights' };

const specWith = (more: object = {}, rest: object = {}) => ({
  name: 'flights',
  source: { kafka: { brokers: ['127.0.0.1:9092'], topic: 'flights' } },
  destination: { iceberg: { ...iceberg, ...more } },
  ...rest,
});

function faultsOf(more: object, rest: object = {}): string[] {
  const { error } = jobSpec.safeParse(specWith(more, rest));
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('an Iceberg destination', () => {
  it.each([
    { catalog: { uri, auth: { mechanism: 'aws-sigv4', region: 'eu-west-1' } } },
    { catalog: { uri, warehouse: '123456789012', auth: { mechanism: 'bearer', secretArn } } },
    { catalog: { uri: 'http://127.0.0.1:8181' }, metadata: ['_offset'], region: 'eu-west-1' },
    { namespace: 'flüge', endpoint: 'http://127.0.0.1:9000' },
  ])('may have %j, and is left as it was when its own output is parsed again', (more) => {
    const once = jobSpec.parse(specWith(more));
    expect(jobSpec.parse(JSON.parse(JSON.stringify(once)))).toEqual(once);
    expect(once.types).toBeUndefined();
  });

  it.each([
    [{ catalog: { uri: 'glue' } }, /catalog\.uri: /],
    [{ catalog: { uri: 'ftp://x' } }, /catalog\.uri: /],
    [{ catalog: { uri: 'https://me:hidden@x/' } }, /catalog\.uri: must have no user, query/],
    [{ catalog: { uri: 'https://x/?token=hidden' } }, /catalog\.uri: must have no user, query/],
    [
      { catalog: { uri, auth: { mechanism: 'bearer', secretArn: 'hidden' } } },
      /secretArn: must be the ARN/,
    ],
    [{ catalog: { uri, auth: { mechanism: 'oauth2' } } }, /catalog\.auth\.mechanism: /],
    [{ catalog: { uri, auth: { mechanism: 'aws-sigv4' } } }, /catalog\.auth\.region: /],
    [{ namespace: 'a..b' }, /namespace: must be letters, digits/],
    [{ namespace: 'a/b' }, /namespace: must be letters, digits/],
    [{ table: 'a.b' }, /table: must be 1-255 letters/],
    [{ metadata: ['_size'] }, /metadata\.0: /],
    [{ format: 'parquet' }, /unrecognized key/i],
    [{ partitionBy: { column: 'at' } }, /unrecognized key/i],
  ])('%j is one fault, and shows no secret', (more, fault) => {
    const faults = faultsOf(more);
    expect(faults).toEqual([expect.stringMatching(fault)]);
    expect(faults.join()).not.toContain('hidden');
  });

  it('is told all of its faults at once', () => {
    const more = { catalog: { uri: 'x', more: 1 }, namespace: '', table: '', endpoint: 'y' };
    expect(faultsOf(more).map((fault) => fault.split(':')[0])).toEqual([
      'destination.iceberg.catalog.uri',
      'destination.iceberg.catalog',
      'destination.iceberg.namespace',
      'destination.iceberg.table',
      'destination.iceberg.endpoint',
    ]);
  });

  const mappings: [Partial<JobSpecInput>, string | undefined][] = [
    [{}, undefined],
    [
      { columns: 'id, late = delay > 15', where: 'delay > 3', types: { delay: 'INTEGER' } },
      undefined,
    ],
    [{ policies: { unknownColumns: 'reject' } }, undefined],
    [{ format: { type: 'csv', columns: ['id', 'code'] } }, undefined],
    [{ format: { type: 'csv' } }, 'format.columns: must name the fields for a table'],
    [{ format: { type: 'raw' } }, undefined],
    [{ types: 'infer' }, 'types.*: cannot be given for iceberg, whose table says the types'],
    [{ columns: 'id, ID' }, 'columns: must not repeat a column'],
    [
      { policies: { tombstone: 'delete' } },
      "policies.tombstone: cannot be delete without _deleted and _key among the destination's metadata: files and objects only tell which rows delete",
    ],
  ];

  it.each(mappings)('with %j has the fault %s', (rest, fault) => {
    expect(faultsOf({}, rest)).toEqual(fault === undefined ? [] : [fault]);
  });
});
