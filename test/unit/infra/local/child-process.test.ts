import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { startLocalProcess } from '../../../../infra/local/child-process.ts';

const directory = mkdtempSync(join(tmpdir(), 'child-process-'));
const logFile = join(directory, 'log');
afterAll(() => rm(directory, { recursive: true }));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('a process runs under the id that is given, and its output goes to the log', async () => {
  const child = startLocalProcess(['sh', '-c', 'echo "$$ $1"; echo no >&2', 'sh', 'a b'], {
    logFile,
  });
  await child.ended;
  expect(await readFile(logFile, 'utf8')).toBe(`${child.pid} a b\nno\n`);
  expect(child.hasEnded).toBe(true);
});

test('stop and kill end it, and may be called when it has ended', async () => {
  for (const end of ['stop', 'kill'] as const) {
    const child = startLocalProcess(['sleep', '60'], { logFile });
    expect(child.hasEnded).toBe(false);
    await child[end]();
    expect(isAlive(child.pid)).toBe(false);
    await child.stop();
    await child.kill();
  }
});

test('a command that does not exist ends at once', async () => {
  const child = startLocalProcess(['/no/such/command'], { logFile });
  await child.ended;
  expect(await readFile(logFile, 'utf8')).toContain('/no/such/command');
});

test('it dies when its parent is killed, even if it ignores SIGTERM', {
  timeout: 20_000,
}, async () => {
  for (const command of [
    `['sleep', '60']`,
    `['sh', '-c', 'trap "" TERM; while :; do sleep 0.2; done']`,
  ]) {
    const script = `
      import { startLocalProcess } from './infra/local/child-process.ts';
      const child = startLocalProcess(${command}, { logFile: '${logFile}' });
      process.stdout.write(String(child.pid));
      setInterval(() => {}, 60_000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [text] = await once(parent.stdout, 'data');
    const pid = Number(text);
    expect(isAlive(pid)).toBe(true);

    parent.kill('SIGKILL');
    await once(parent, 'exit');

    await expect.poll(() => isAlive(pid), { timeout: 8_000 }).toBe(false);
  }
});
