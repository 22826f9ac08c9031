import { describe, expect, it } from 'vitest';
import { SampledFields } from '../../../../../functions/loader/transform/infer/sampled-fields.ts';
import { makeSampler } from '../../../../../functions/loader/transform/infer/sampler.ts';
import { bareFraming } from '../../../../../functions/loader/values/bare-framing.ts';
import { jsonSchema } from '../../../../../functions/loader/values/json-schema/json-schema.ts';
import { recordOf } from '../../rows/record-of.ts';
import { specOf } from '../../rows/rows-of.ts';

function sampler(limits?: { maxRows: number; maxBytes: number }) {
  return makeSampler({ spec: specOf({}), reading: undefined, limits });
}

describe('a sample', () => {
  it('ends when it has its rows, and what comes behind says nothing', async () => {
    const sample = sampler({ maxRows: 2, maxBytes: 1_000 });
    sample.accept(recordOf('{"n":1}'));
    expect(await sample.drain()).toBe(true);
    sample.accept(recordOf('{"n":2}'));
    expect(await sample.drain()).toBe(false);
    sample.accept(recordOf('{"n":"x"}'));
    const { types, rows } = (await sample.finish())!;
    expect([...types]).toEqual([['n', 'BIGINT']]);
    expect(rows).toBe(2);
  });

  it('ends when it has its bytes', async () => {
    const sample = sampler({ maxRows: 1_000, maxBytes: 10 });
    sample.accept(recordOf('{"n":1}'));
    expect(await sample.drain()).toBe(true);
    sample.accept(recordOf('{"n":2}'));
    expect(await sample.drain()).toBe(false);
  });

  it('has no use for tombstones, empty values and what is no row, and does not count them', async () => {
    const sample = sampler({ maxRows: 1, maxBytes: 10 });
    for (const value of [null, '', 'x'.repeat(100), '[1]', '{"n":', '"text"']) {
      sample.accept(recordOf({ value }));
      expect(await sample.drain()).toBe(true);
    }
    expect(await sample.finish()).toBeUndefined();
  });

  it('goes on behind records that there is no memory for', () => {
    const oversized = { partition: 0, from: 0n, to: 1n, count: 1, bytes: 1, reason: 'large' };
    expect(sampler().passOver?.(oversized)).toBe(true);
  });

  it('of values with a schema is none without a row, whatever the schema says', async () => {
    const schema = jsonSchema({ text: '{"properties":{"n":{"type":"integer"}}}', references: [] });
    const schemas = { get: () => schema, load: async () => {}, forgetMissing: () => {} };
    const reading = { framing: bareFraming, schemas };
    const sample = makeSampler({ spec: specOf({}), reading });
    sample.accept(recordOf('[1]'));
    expect(await sample.finish()).toBeUndefined();
    sample.accept(recordOf('{}'));
    expect(await sample.finish()).toMatchObject({
      rows: 1,
      types: new Map([['n', 'BIGINT']]),
      fromSchema: new Set(['n']),
    });
  });

  it('without a field is none', async () => {
    const sample = sampler();
    sample.accept(recordOf('{}'));
    expect(await sample.finish()).toBeUndefined();
  });
});

describe('the fields of a sample', () => {
  const namesOf = (names: Iterable<string>) => {
    const fields = new SampledFields();
    for (const name of names) fields.add(name, { kind: 'boolean' });
    return fields.sample(1);
  };

  it('are 2000 at most', () => {
    const sample = namesOf(Array.from({ length: 3_000 }, (_, i) => `f${i}`));
    expect(sample?.types.size).toBe(2_000);
    expect(sample?.leftOut).toHaveLength(20);
    expect(sample?.leftOut[0]).toBe('f2000');
  });

  it('have 100,000 bytes of names at most, since one item holds them', () => {
    const sample = namesOf(Array.from({ length: 1_000 }, (_, i) => `${i}`.padStart(128, 'ü')));
    const bytes = [...sample!.types.keys()].reduce((sum, name) => sum + Buffer.byteLength(name), 0);
    expect(bytes).toBeLessThanOrEqual(100_000);
    expect(bytes).toBeGreaterThan(99_000);
  });

  it('are told briefly where they are left out, since one item holds them', () => {
    const sample = namesOf(['good', 'x'.repeat(500_000)]);
    expect(sample!.leftOut).toEqual([`${'x'.repeat(1_000)}...`]);
  });

  it.each([['*'], ['_offset'], ['_OFFSET'], [' blank'], [''], ['tab\t'], ['x'.repeat(129)]])(
    'that are called %j are left out, and told',
    (name) => {
      const sample = namesOf(['good', name, name]);
      expect([...sample!.types.keys()]).toEqual(['good']);
      expect(sample!.leftOut).toEqual([name]);
    },
  );

  it('may be called as JavaScript’s own', () => {
    expect([...namesOf(['__proto__', 'constructor'])!.types.keys()]).toEqual([
      '__proto__',
      'constructor',
    ]);
  });
});
