import { describe, expect, it } from 'vitest';
import { jobSpec } from '#shared/domain/job-spec.ts';
import { format } from '#shared/domain/spec/value-format.ts';

const confluent = { url: 'https://schemas.test:8081/path/' };
const messagesOf = (given: unknown) =>
  format.safeParse(given).error?.issues.map(({ message }) => message) ?? [];

describe('formats with a schema', () => {
  it.each([
    { type: 'avro', registry: { confluent } },
    { type: 'protobuf', registry: { glue: {} } },
    { type: 'json-schema', registry: { glue: { region: 'eu-west-1', registryName: 'a_b-c.$#' } } },
    { type: 'avro', schema: '"int"', encoding: 'single-object' },
  ])('may be %o', (given) => {
    expect(format.parse(given)).toEqual(given);
  });

  it.each([
    [{ type: 'avro' }, 'must have exactly one of registry and schema'],
    [
      { type: 'avro', schema: '"int"', registry: { confluent } },
      'must have exactly one of registry and schema',
    ],
    [
      { type: 'avro', registry: { confluent }, encoding: 'binary' },
      'must have an encoding beside a schema only',
    ],
    [{ type: 'protobuf', registry: {} }, 'must name exactly one registry, confluent or glue'],
    [
      { type: 'protobuf', registry: { confluent, glue: {} } },
      'must name exactly one registry, confluent or glue',
    ],
  ])('must not be %o', (given, message) => {
    expect(messagesOf(given)).toEqual([message]);
  });

  it.each([
    'ftp://schemas.test',
    'https://user:password@schemas.test',
    'https://schemas.test/?a=b',
    'https://schemas.test/#a',
    'schemas.test:8081',
  ])('have no registry at %s', (url) => {
    expect(messagesOf({ type: 'json-schema', registry: { confluent: { url } } })).toEqual([
      'must be http:// or https:// with host, port and path only',
    ]);
  });

  it('are mapped as JSON is, and want names for columns where JSON does', () => {
    const spec = {
      name: 'orders',
      source: { kafka: { brokers: ['127.0.0.1:9092'], topic: 'orders' } },
      format: { type: 'avro', registry: { confluent } },
    };
    const parquet = { file: { table: 'orders', format: 'parquet' } };
    const untyped = { ...spec, destination: parquet, types: {} };
    expect(jobSpec.safeParse(untyped).error?.issues).toMatchObject([{ path: ['types'] }]);
    const typed = { ...spec, destination: parquet, types: { id: 'BIGINT' } };
    expect(jobSpec.safeParse(typed).error).toBeUndefined();
    const strict = { ...typed, policies: { unknownColumns: 'reject' } };
    expect(jobSpec.safeParse(strict).error).toBeUndefined();
    const nulls = { ...typed, policies: { tombstone: 'null' } };
    expect(jobSpec.safeParse(nulls).error).toBeUndefined();
  });
});
