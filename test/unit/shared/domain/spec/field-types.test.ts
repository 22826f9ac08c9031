import { describe, expect, it } from 'vitest';
import { withInferredTypes } from '#shared/domain/inferred-types.ts';
import { jobSpec } from '#shared/domain/job-spec.ts';
import { infersTypes } from '#shared/domain/spec/mapping.ts';
import { mergePatch } from '../../../../../functions/api/merge-patch.ts';

const minimal = {
  name: 'job',
  source: { kafka: { brokers: ['127.0.0.1:9092'], topic: 'topic' } },
  destination: { file: { table: 'table' } },
};
const parquet = { destination: { file: { table: 'table', format: 'parquet' } } };

const parse = (more: object) => jobSpec.parse({ ...minimal, ...more });
const faultsOf = (more: object) =>
  (jobSpec.safeParse({ ...minimal, ...more }).error?.issues ?? []).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  );

describe('types', () => {
  it('are inferred for Parquet when nobody declares any', () => {
    expect(parse(parquet).types).toEqual({ '*': 'infer' });
    expect(parse({ ...parquet, columns: 'a' }).types).toEqual({ '*': 'infer' });
    expect(parse({ ...parquet, columns: 'a', types: {} }).types).toEqual({});
    expect(parse({ ...parquet, types: { a: 'int' } }).types).toEqual({ a: 'INTEGER' });
    expect(parse({ ...parquet, format: { type: 'raw' } }).types).toBeUndefined();
    expect(parse({}).types).toBeUndefined();
  });

  it('are declared in part, to a word that a patch can add to and take away', () => {
    const inferred = parse({ types: 'infer', where: 'a > 1' });
    const patched = (types: object) => parse(mergePatch(inferred, { types }) as object).types;
    expect(inferred.types).toEqual({ '*': 'infer' });
    expect(patched({ a: 'bigint' })).toEqual({ '*': 'infer', a: 'BIGINT' });
    expect(patched({ a: 'bigint', '*': null })).toEqual({ a: 'BIGINT' });
  });

  it('are said to be wrong by their fields', () => {
    expect(faultsOf({ types: { '*': 'BIGINT', a: 'infer', b: 'int' } })).toEqual([
      'types.*: must be "infer"',
      expect.stringMatching(/^types\.a: must be BOOLEAN, /),
    ]);
    expect(faultsOf({ ...parquet, types: {} })).toEqual([
      'types: must name the fields to write, or columns must, or it must be "infer"',
    ]);
    expect(faultsOf({ format: { type: 'raw' }, types: 'infer' })).toEqual([
      'types.*: cannot be given for format raw, whose values are text',
    ]);
  });

  it('may be frozen to those of the sample', () => {
    expect(faultsOf({ ...parquet, policies: { unknownColumns: 'reject' } })).toEqual([]);
  });

  it('are sampled only where rows must be understood', () => {
    expect(infersTypes(parse(parquet))).toBe(true);
    expect(infersTypes(parse({ types: 'infer', where: 'a > 1' }))).toBe(true);
    expect(infersTypes(parse({ types: 'infer' }))).toBe(false);
    const csv = { file: { table: 'table', format: 'csv' } };
    expect(infersTypes(parse({ types: 'infer', destination: csv }))).toBe(true);
    expect(infersTypes(parse({ types: 'infer', columns: 'a', destination: csv }))).toBe(false);
    const doris = { frontends: ['fe:8030'], database: 'd', table: 't', secretArn: SECRET };
    expect(infersTypes(parse({ types: 'infer', destination: { doris } }))).toBe(false);
  });

  it('of a sample are taken in its order, but for those that are declared', () => {
    const spec = parse({ ...parquet, types: { z: 'int', b: 'text', '*': 'infer' } });
    const types = new Map([
      ['b', 'BIGINT'],
      ['a', 'DATE'],
    ]);
    const typed = withInferredTypes(spec, { types });
    expect(Object.entries(typed.types)).toEqual([
      ['b', 'VARCHAR'],
      ['a', 'DATE'],
      ['z', 'INTEGER'],
    ]);
    expect([...typed.inferred]).toEqual(['a']);
    expect(infersTypes(typed)).toBe(false);
  });
});

const SECRET = 'arn:aws:secretsmanager:eu-west-1:000000000000:secret:doris';
