import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { javaScratch } from '../../../../infra/local/java-scratch.ts';

test('a server begins with an empty temporary folder, whatever a killed one left there', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'java-scratch-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const folder = (await javaScratch(directory)).replace('-Djava.io.tmpdir=', '');
  await writeFile(join(folder, 'unpacked.so'), '');

  expect(await javaScratch(directory)).toBe(`-Djava.io.tmpdir=${folder}`);
  expect(folder.startsWith(directory)).toBe(true);
  expect(await readdir(folder)).toEqual([]);
});
