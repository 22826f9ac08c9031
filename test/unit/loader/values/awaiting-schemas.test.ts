import { expect, it } from 'vitest';
import { LoadFailure } from '#shared/domain/failure.ts';
import type { RecordView } from '../../../../functions/loader/records.ts';
import type {
  RegisteredSchema,
  SchemaId,
} from '../../../../functions/loader/registry/schema-registry.ts';
import type { RowWriter } from '../../../../functions/loader/rows/row-writer.ts';
import { awaitingSchemas } from '../../../../functions/loader/values/awaiting-schemas.ts';
import { confluentFraming } from '../../../../functions/loader/values/confluent-framing.ts';
import { knownSchemas } from '../../../../functions/loader/values/known-schemas.ts';
import { UndecodableValue } from '../../../../functions/loader/values/undecodable.ts';
import { confluentFrame } from '../../../support/registry/frames.ts';
import { recordOf } from '../rows/record-of.ts';

/** A registry in memory that can be down, and a writer that notes what it gets. */
function setUp() {
  const asked: SchemaId[] = [];
  const state = { isDown: false };
  const schemas = knownSchemas(
    {
      async find(id) {
        asked.push(id);
        if (state.isDown) throw new LoadFailure('REGISTRY_UNREACHABLE', 'down');
        if (id === 404) return { missing: 'no such schema' };
        return { type: 'avro', text: String(id), references: [] };
      },
    },
    ({ text }: RegisteredSchema) => {
      if (text === '13') throw new UndecodableValue('broken');
      return { decode: () => {}, fields: () => new Map() };
    },
  );
  const got: string[] = [];
  const inner: RowWriter = {
    accept: ({ partition, offset, buffer, keyStart, keyEnd }: RecordView) =>
      void got.push(`${partition}/${offset}/${buffer.toString('utf8', keyStart, keyEnd)}`),
    passOver: ({ count }) => count < 5,
    drain: async () => true,
    finish: async () => ({
      counts: new Map(),
      bytes: 0,
      writtenBytes: 0,
      badRows: [],
      policies: [],
    }),
  };
  const reading = { framing: confluentFraming({ hasMessage: false }), schemas };
  const rows = awaitingSchemas(inner, { reading, onProgress: () => {} });
  const give = (offset: number, id: number) => {
    const key = `key ${offset}`;
    const value = confluentFrame(id);
    const record = recordOf({ value, key, offset: BigInt(offset), headers: [['h', 'v']] });
    rows.accept(record);
    // The reader uses its buffer for the next batch.
    record.buffer.fill(0);
  };
  return { rows, give, got, asked, schemas, state };
}

const keys = (...offsets: number[]) => offsets.map((n) => `0/${n}/key ${n}`);

it('records of known schemas pass at once, others in their order when their batch is through', async () => {
  const { rows, give, got, asked } = setUp();
  give(0, 1);
  await rows.drain();
  give(1, 1);
  give(2, 2);
  give(3, 1);
  give(4, 3);
  expect(got).toEqual(keys(0, 1));

  await rows.drain();

  expect(got).toEqual(keys(0, 1, 2, 3, 4));
  expect(asked).toEqual([1, 2, 3]);
});

it('a record without a frame or a value waits for nothing', () => {
  const { rows, got, asked } = setUp();
  rows.accept(recordOf({ value: '{"n":1}', key: 'a' }));
  rows.accept(recordOf({ value: null, key: 'b' }));
  rows.accept(recordOf({ value: '', key: 'c' }));
  expect(got).toEqual(['0/0/a', '0/0/b', '0/0/c']);
  expect(asked).toEqual([]);
});

it('a registry that is down fails the drain, and what waited is handed on once when it is up', async () => {
  const { rows, give, got, state } = setUp();
  state.isDown = true;
  give(0, 1);
  give(1, 2);
  await expect(rows.drain()).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
  expect(got).toEqual([]);

  state.isDown = false;
  await rows.finish();

  expect(got).toEqual(keys(0, 1));
});

it('finish waits for a drain that nobody waited for', async () => {
  const { rows, give, got } = setUp();
  give(0, 1);
  give(1, 2);
  const abandoned = rows.drain();
  await rows.finish();
  expect(got).toEqual(keys(0, 1));
  await abandoned;
});

it('two who ask for one schema at once ask the registry once', async () => {
  const { schemas, asked } = setUp();
  await Promise.all([schemas.load(5), schemas.load(5)]);
  await schemas.load(5);
  expect(asked).toEqual([5]);
});

it('what the registry does not have, or nobody can read, is known as missing until it is asked again', async () => {
  const { schemas, asked } = setUp();
  await schemas.load(404);
  await schemas.load(13);
  expect(schemas.get(404)).toEqual({ missing: 'no such schema' });
  expect(schemas.get(13)).toEqual({ missing: 'schema 13 cannot be used: broken' });

  schemas.forgetMissing();
  await schemas.load(404);

  expect(asked).toEqual([404, 13, 404]);
});

it('schemas that were not used for long are forgotten first', async () => {
  const { schemas } = setUp();
  for (let id = 1_000; id < 1_500; id += 1) await schemas.load(id);
  schemas.get(1_000);
  await schemas.load(2_000);
  expect(schemas.get(1_000)).toBeDefined();
  expect(schemas.get(1_001)).toBeUndefined();
});

it('the writer decides about a batch that there is no memory for', () => {
  const { rows } = setUp();
  const batch = { partition: 0, from: 0n, to: 9n, bytes: 1, reason: 'too large' };
  expect(rows.passOver?.({ ...batch, count: 4 })).toBe(true);
  expect(rows.passOver?.({ ...batch, count: 9 })).toBe(false);
});
