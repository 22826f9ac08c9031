import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { DEFAULT_TRANSFORM, openRows } from '../../../functions/loader/open-rows.ts';
import { recordOf } from './rows/record-of.ts';
import { specOf } from './rows/rows-of.ts';

async function open(given: object, signal = new AbortController().signal) {
  const root = await mkdtemp(join(tmpdir(), 'open-rows-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const written: string[] = [];
  const opening = openRows({
    spec: { ...specOf({}), ...given },
    writer: { write: async (chunk) => void written.push(Buffer.from(chunk).toString()) },
    keep: undefined,
    limits: { maxRows: 1e9, maxBytes: 1e9 },
    settings: { ...DEFAULT_TRANSFORM, threads: 4, scratchDirectory: root },
    signal,
    onProgress: () => {},
  });
  return { root, written, opening };
}

it('rows that bytes will do for need no scratch directory', async () => {
  const { root, written, opening } = await open({});
  const { rows, close } = await opening;
  rows.accept(recordOf('{"a":1}'));
  await rows.finish();
  await close();
  expect(written).toEqual(['{"a":1}\n']);
  expect(await readdir(root)).toEqual([]);
});

it('an engine that is closed at work writes nothing more and leaves nothing', async () => {
  const { root, written, opening } = await open({ where: 'length(a) > 0' });
  const { rows, close } = await opening;
  for (let i = 0; i < 20_000; i += 1) rows.accept(recordOf(`{"a":"${'x'.repeat(100)}"}`));
  const finishing = rows.finish().catch((error: unknown) => error);
  await close();
  const before = written.length;
  await finishing;
  expect(written).toHaveLength(before);
  expect(await readdir(root)).toEqual([]);
});

it('a task that is lost ends what the engine does, with the reason of the loss', async () => {
  const lost = new AbortController();
  const { root, opening } = await open({ where: 'length(a) > 0' }, lost.signal);
  const { rows, close } = await opening;
  rows.accept(recordOf('{"a":"x"}'));
  lost.abort(new Error('lost'));
  await expect(rows.finish()).rejects.toThrow('lost');
  await close();
  expect(await readdir(root)).toEqual([]);
});

it('records of any size are mapped, however many threads the engine has', async () => {
  for (const size of [10_000, 500_000, 1_000_000, 1_500_000, 3_000_000]) {
    const count = Math.ceil(17_000_000 / size);
    const { opening } = await open({ columns: 'n = length(a)' });
    const { rows, close } = await opening;
    for (let n = 0; n < count; n += 1) {
      rows.accept(recordOf({ value: `{"a":"${'x'.repeat(size)}"}`, offset: BigInt(n) }));
    }
    const { counts } = await rows.finish();
    await close();
    expect({ size, rows: counts.get(0)?.rows }).toEqual({ size, rows: count });
  }
});

it('an expression that is none leaves nothing behind', async () => {
  const { root, opening } = await open({ where: 'nofunc(a)' });
  await expect(opening).rejects.toMatchObject({ code: 'SCHEMA_MISMATCH' });
  expect(await readdir(root)).toEqual([]);
});
