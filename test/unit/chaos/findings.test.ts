import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ChaosDestination, Leftover } from '../../chaos/destinations/destination.ts';
import { findOrphans } from '../../chaos/findings.ts';
import { CHAOS_TOPICS } from '../../chaos/topics.ts';

const LABEL = 'rl_01M823EVR2HHFVWVX391T3N4Z7_01M823EYW0ZKYZ4X3VKY5YN0ZY_2';
const line = (attempt: number) =>
  JSON.stringify({
    message: 'task failed',
    taskId: '01M823EYW0ZKYZ4X3VKY5YN0ZY',
    attempt,
    code: 'X',
  });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'findings-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function find(leftovers: Leftover[], log: string) {
  const file = join(folder, 'loader.log');
  await writeFile(file, log);
  const destination = { leftovers: async () => leftovers } as unknown as ChaosDestination;
  return findOrphans([{ name: 'orders', topic: CHAOS_TOPICS[0]!, destination }], file);
}

it('an attempt that said how it ended must have removed what it prepared', async () => {
  const found = await find([{ words: 'transaction 7', label: LABEL }], `${line(1)}\n${line(2)}\n`);
  expect(found).toEqual({ orphans: ['transaction 7'], leftToTimeOut: [] });
});

it('what an attempt left that died without a word ends by the time-out of a destination that lists nothing', async () => {
  const found = await find([{ words: 'transaction 7', label: LABEL }], `${line(1)}\n`);
  expect(found).toEqual({ orphans: [], leftToTimeOut: ['transaction 7'] });
});

it('what a destination lists is swept, whoever left it', async () => {
  expect(await find([{ words: 'upload of a' }], '')).toEqual({
    orphans: ['upload of a'],
    leftToTimeOut: [],
  });
});
