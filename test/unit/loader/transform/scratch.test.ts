import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openScratch } from '../../../../functions/loader/transform/scratch.ts';

it('scratch directories go with their slice, and what dead processes left goes with the first of a process', async () => {
  const root = await mkdtemp(join(tmpdir(), 'scratch-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  // As after a restart in the same sandbox, where numbers of processes come again.
  for (const name of [`routine-load-${dead}-a`, `routine-load-${process.pid}-b`]) {
    await mkdir(join(root, name));
    await writeFile(join(root, name, 'spool.csv'), 'x');
  }
  for (const name of [`routine-load-${process.ppid}-c`, 'other']) await mkdir(join(root, name));

  const [first, second] = [await openScratch(root), await openScratch(root)];
  const left = [`routine-load-${process.ppid}-c`, 'other'];
  const names = (await readdir(root)).map((name) => join(root, name));
  expect(names.sort()).toEqual(
    [first.path, second.path, ...left.map((name) => join(root, name))].sort(),
  );
  await first.remove();
  await first.remove();
  await second.remove();
  expect((await readdir(root)).sort()).toEqual(left.sort());
});
