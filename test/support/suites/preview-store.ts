import { describe, expect, it } from 'vitest';
import { type JobSpecInput, jobSpec } from '#shared/domain/job-spec.ts';
import { newPreview, type Preview, type PreviewResult } from '#shared/domain/preview.ts';
import {
  claimPreview,
  finishPreview,
  insertPreview,
  previewIdOf,
  readPreview,
} from '#shared/store/previews.ts';
import type { Tables } from '#shared/store/tables.ts';
import { faultsOfWrites, LOST_ANSWERS, makeFaultyTables } from '../faulty-tables.ts';
import { NOW, newId } from '../store-examples.ts';
import type { MakeTables } from './make-tables.ts';

const HOUR_MS = 3_600_000;

const spec = (more: Partial<JobSpecInput> = {}) =>
  jobSpec.parse({
    name: 'preview',
    source: { kafka: { brokers: ['b:9092'], topic: 'flights' } },
    destination: { file: { table: 'flights' } },
    ...more,
  });

const claim = { owner: 'me', leaseUntil: NOW + 60_000 };

const result: PreviewResult = {
  rowFormat: 'ndjson',
  mappedBy: 'loader',
  read: { 0: { from: '0', to: '9223372036854775807' } },
  records: [{ partition: 0, offset: '0', value: '', key: null, rows: [{ b: 1, a: null }, []] }],
  columns: [{ name: 'b', type: 'BIGINT' }, { name: 'a' }],
  counts: { records: 1, rows: 1, elements: 2, filtered: 0, rejected: 0, skipped: 0 },
};

async function inserted(tables: Tables, more: Partial<JobSpecInput> = {}): Promise<Preview> {
  const request = { spec: spec(more), from: { 0: '12' }, maxRecords: 20 };
  const preview = newPreview(newId(), request, NOW);
  await insertPreview(tables, preview);
  return preview;
}

const taken = async (tables: Tables) =>
  (await claimPreview(tables, await inserted(tables), claim)) as Preview;

const now = (tables: Tables, { id }: Preview) => readPreview(tables, id, NOW);

/**
 * What the store promises about previews, on any tables.
 *
 * @param make new and empty tables for every test
 */
export function describePreviewStore(name: string, make: MakeTables): void {
  describe(`previews in the store: ${name}`, () => {
    it.each([undefined, ...LOST_ANSWERS])('F6: a new one waits (fault: %s)', async (fault) => {
      const tables = await make();
      const faulty = makeFaultyTables(tables, faultsOfWrites(fault));
      const preview = await inserted(faulty, { columns: 'a, b = a > 1' });
      await faulty.arrive();
      expect(await now(tables, preview)).toEqual(preview);
    });

    it('is forgotten after an hour, whenever its item goes', async () => {
      const tables = await make();
      const { id } = await inserted(tables);
      expect(await readPreview(tables, id, NOW + HOUR_MS - 1)).toBeDefined();
      expect(await readPreview(tables, id, NOW + HOUR_MS)).toBeUndefined();
      expect(await readPreview(tables, 'another', NOW)).toBeUndefined();
    });

    it('F2: of loaders at once one takes it', async () => {
      const tables = await make();
      const preview = await inserted(tables);
      const claims = await Promise.all(
        ['a', 'b', 'c'].map((owner) => claimPreview(tables, preview, { ...claim, owner })),
      );
      const won = claims.filter((each) => each !== undefined);
      expect(won).toHaveLength(1);
      expect(await now(tables, preview)).toEqual(won[0]);
    });

    it.each(LOST_ANSWERS)(
      'F6: a claim whose answer is lost (%s) is known to be mine, and no other for mine',
      async (fault) => {
        const tables = await make();
        const preview = await inserted(tables);
        const faulty = makeFaultyTables(tables, faultsOfWrites(fault));
        const mine = await claimPreview(faulty, preview, claim);
        await faulty.arrive();
        expect(mine).toEqual({ ...preview, status: 'RUNNING', ...claim });
        const others = makeFaultyTables(tables, faultsOfWrites(fault));
        expect(await claimPreview(others, preview, { ...claim, owner: 'other' })).toBeUndefined();
        await others.arrive();
        expect(await now(tables, preview)).toEqual(mine);
      },
    );

    it.each([undefined, ...LOST_ANSWERS])(
      'F6: it ends with a result, whose rows keep the order of their fields, and without its request (fault: %s)',
      async (fault) => {
        const tables = await make();
        const { request, leaseUntil, ...preview } = await taken(tables);
        const faulty = makeFaultyTables(tables, faultsOfWrites(fault));
        expect(await finishPreview(faulty, preview, { result, at: NOW + 1 })).toBe(true);
        await faulty.arrive();
        const done = await now(tables, preview);
        expect(done).toEqual({ ...preview, status: 'DONE', result, finishedAt: NOW + 1 });
        expect(JSON.stringify(done?.result?.records[0]?.rows)).toBe('[{"b":1,"a":null},[]]');
      },
    );

    it('ends with a failure, and once', async () => {
      const tables = await make();
      const preview = await taken(tables);
      const failure = { code: 'TOPIC_NOT_FOUND', message: 'no topic' } as const;
      expect(await finishPreview(tables, preview, { failure, at: NOW })).toBe(true);
      const failed = await now(tables, preview);
      expect(failed).toMatchObject({ status: 'FAILED', failure });
      expect(await finishPreview(tables, preview, { result, at: NOW })).toBe(false);
      expect(await now(tables, preview)).toEqual(failed);
    });

    it('F9: whoever does not hold it ends it not', async () => {
      const tables = await make();
      const preview = await taken(tables);
      const other = { ...preview, owner: 'other' };
      expect(await finishPreview(tables, other, { result, at: NOW })).toBe(false);
      expect(await now(tables, preview)).toEqual(preview);
    });

    it('one that is gone is neither taken nor ended into being', async () => {
      const tables = await make();
      const preview = newPreview(newId(), { spec: spec(), from: 'latest', maxRecords: 1 }, NOW);
      expect(await claimPreview(tables, preview, claim)).toBeUndefined();
      expect(await finishPreview(tables, { ...preview, ...claim }, { result, at: NOW })).toBe(
        false,
      );
      expect(await now(tables, preview)).toBeUndefined();
    });

    it('a request and a result have room, as large as they may be', async () => {
      const tables = await make();
      const types = Object.fromEntries(
        Array.from({ length: 1_900 }, (_, n) => [`${n}-${'f'.repeat(110)}`, 'VARCHAR']),
      );
      const large = await inserted(tables, { types });
      const mine = (await claimPreview(tables, large, claim)) as Preview;
      const text = 'x'.repeat(260_000);
      const records = [{ partition: 0, offset: '0', value: text }];
      const end = { result: { ...result, records }, at: NOW };
      expect(await finishPreview(tables, mine, end)).toBe(true);
      expect((await now(tables, large))?.result?.records).toEqual(records);
    });

    it('only its own key is taken for its', () => {
      expect(previewIdOf({ pk: 'PREVIEW#P1', sk: 'PREVIEW' })).toBe('P1');
      expect(previewIdOf({ pk: newId(), sk: newId() })).toBeUndefined();
      expect(previewIdOf({ pk: 'PREVIEW#P1', sk: newId() })).toBeUndefined();
    });
  });
}
