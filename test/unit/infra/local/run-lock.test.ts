import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AlreadyRunning, takeRunLock } from '../../../../infra/local/run-lock.ts';

// A process is started, and other tests keep the machine busy.
vi.setConfig({ testTimeout: 30_000 });

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'run-lock-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('the lock of a run', () => {
  it('is held by one, refused to a second, and free again when released', async () => {
    const lock = await takeRunLock(directory);
    await expect(takeRunLock(directory)).rejects.toThrow(AlreadyRunning);
    await expect(takeRunLock(directory)).rejects.toThrow(`process ${process.pid}; end it first`);
    await lock.release();
    await (await takeRunLock(directory)).release();
  });

  it('goes to exactly one of several that want it at once, stale lock or none', async () => {
    const stale = { pid: process.pid, port: 1, token: 'of a run that was killed' };
    await writeFile(join(directory, 'run.7.lock'), JSON.stringify(stale));
    const tries = await Promise.allSettled(
      Array.from({ length: 20 }, () => takeRunLock(directory)),
    );
    const held = tries.filter((result) => result.status === 'fulfilled');
    expect(held).toHaveLength(1);
    await Promise.all(held.map(({ value }) => value.release()));
  });

  it('is taken over from a run that was killed', async () => {
    const source = new URL('../../../../infra/local/run-lock.ts', import.meta.url);
    const script = `
      const { takeRunLock } = await import(${JSON.stringify(source.href)});
      await takeRunLock(process.argv[1]);
      console.log('held');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, directory]);
    await once(child.stdout, 'data');
    await expect(takeRunLock(directory)).rejects.toThrow(AlreadyRunning);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const lock = await takeRunLock(directory);
    const files = await readdir(directory);
    expect(files).toHaveLength(1);
    const file = await readFile(join(directory, files[0]!), 'utf8');
    expect(JSON.parse(file)).toMatchObject({ pid: process.pid });
    await lock.release();
  });

  it('is taken over when its file is rubbish', async () => {
    await writeFile(join(directory, 'run.1.lock'), '{"pid":');
    await (await takeRunLock(directory)).release();
  });
});
