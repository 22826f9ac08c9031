import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '#shared/clock.ts';
import {
  type FunctionPool,
  FunctionThrottled,
  type PoolOptions,
  startFunctionPool,
} from '../../../../infra/local/function-pool.ts';
import type { FunctionSettings } from '../../../../infra/local/function-settings.ts';

/** Does what its event says. */
const HANDLER = `
  import { appendFileSync } from 'node:fs';
  let running = 0;
  let most = 0;
  export async function handler(event, context) {
    running += 1;
    most = Math.max(most, running);
    try {
      if (event.fail) throw new TypeError(event.fail);
      if (event.die) process.exit(1);
      if (event.append) appendFileSync(event.append, 'x');
      if (event.hang) await new Promise(() => {});
      await new Promise((resolve) => setImmediate(resolve));
      return { pid: process.pid, most, echo: event.echo, name: context.functionName,
        id: context.awsRequestId, remaining: context.getRemainingTimeInMillis(),
        secret: process.env.AWS_SECRET_ACCESS_KEY, own: process.env.OWN };
    } finally {
      running -= 1;
    }
  }`;

// Processes are started, and other tests keep the machine busy.
vi.setConfig({ testTimeout: 30_000 });

let directory: string;
let pools: FunctionPool[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'function-pool-'));
});
afterEach(async () => {
  await Promise.all(pools.map((pool) => pool.close()));
  pools = [];
  await rm(directory, { recursive: true, force: true });
});

async function pool(settings: Partial<FunctionSettings> = {}, options: Partial<PoolOptions> = {}) {
  const module = join(directory, 'handler.mjs');
  await writeFile(module, HANDLER);
  const started = await startFunctionPool(
    {
      name: 'loader',
      handler: pathToFileURL(module),
      environment: { OWN: 'setting' },
      processes: 1,
      invocations: 2,
      timeoutMs: 30_000,
      logFile: join(directory, 'log', 'loader.log'),
      ...settings,
    },
    { clock: systemClock, ...options },
  );
  pools.push(started);
  return started;
}

interface Answer {
  readonly pid: number;
  readonly most: number;
  readonly remaining: number;
  readonly [field: string]: unknown;
}
const invoke = async (target: FunctionPool, event: object) =>
  (await target.invoke(event)) as Answer;

describe('a function in child processes', () => {
  it('gets its event and a context like that of Lambda, and gives its answer', async () => {
    const answer = await invoke(await pool(), { echo: [{ a: 1 }] });
    expect(answer).toMatchObject({ echo: [{ a: 1 }], name: 'loader', own: 'setting' });
    expect(answer.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.remaining).toBeGreaterThan(0);
    expect(answer.remaining).toBeLessThanOrEqual(30_000);
  });

  it('does not see the credentials of whoever started it', async () => {
    process.env.AWS_SECRET_ACCESS_KEY = 'of the user';
    try {
      expect((await invoke(await pool(), {})).secret).toBeUndefined();
    } finally {
      delete process.env.AWS_SECRET_ACCESS_KEY;
    }
  });

  it('runs as many invocations at once as it may, over all its processes, and lets the rest wait', async () => {
    const target = await pool({ processes: 2 });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, echo) => invoke(target, { echo })),
    );
    expect(answers.map(({ echo }) => echo)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(new Set(answers.map(({ pid }) => pid)).size).toBe(2);
    expect(Math.max(...answers.map(({ most }) => most))).toBe(2);
  });

  it('tells what the handler threw, and writes it into the log', async () => {
    const target = await pool();
    await expect(target.invoke({ fail: 'no such lane' })).rejects.toThrow(
      'TypeError: no such lane',
    );
    expect(await readFile(join(directory, 'log', 'loader.log'), 'utf8')).toContain('no such lane');
  });

  it('replaces a process that is killed; its invocations are lost, those that wait are not', async () => {
    const troubles: string[] = [];
    const target = await pool({ invocations: 1 }, { onTrouble: (text) => troubles.push(text) });
    const [killed] = target.pids();
    const lost = target.invoke({ hang: true });
    const waiting = invoke(target, { echo: 'after' });
    process.kill(killed!, 'SIGKILL');
    await expect(lost).rejects.toThrow('a process of function loader ended');
    const answer = await waiting;
    expect(answer).toMatchObject({ echo: 'after', most: 1 });
    expect(answer.pid).not.toBe(killed);
    expect(troubles).toEqual([`process ${killed} of function loader ended; it is being replaced`]);
  });

  it('F11: kills the process of an invocation that overruns its time, as Lambda does', async () => {
    const target = await pool({ timeoutMs: 50 });
    const [before] = target.pids();
    await expect(target.invoke({ hang: true })).rejects.toThrow(
      'a process of function loader ended',
    );
    await expect.poll(() => target.pids(), { timeout: 20_000 }).toHaveLength(1);
    expect(target.pids()).not.toContain(before);
  });

  it('refuses an invocation when too many wait, while an offer waits for its place and is not lost', async () => {
    const target = await pool({ invocations: 1 }, { queue: 1 });
    const file = join(directory, 'ran');
    const hanging = target.invoke({ hang: true }).catch((error: Error) => error.message);
    await target.offer({ append: file });
    await expect(target.invoke({})).rejects.toThrow(FunctionThrottled);
    const later = target.offer({ append: file });
    process.kill(target.pids()[0]!, 'SIGKILL');
    await hanging;
    await later;
    await expect.poll(() => target.load(), { timeout: 20_000 }).toBe(0);
    expect(await readFile(file, 'utf8')).toBe('xx');
  });

  it('does not start when its function does not load, and says why', async () => {
    const module = join(directory, 'faulty.mjs');
    await writeFile(module, 'throw new Error("faulty configuration");');
    await expect(pool({ handler: pathToFileURL(module), processes: 2 })).rejects.toThrow(
      'function loader does not load: Error: faulty configuration',
    );
  });

  it('ends all its processes when closed, and refuses what comes later', async () => {
    const target = await pool({ processes: 2 });
    const hanging = target.invoke({ hang: true });
    const pids = target.pids();
    const closing = target.close();
    await expect(hanging).rejects.toThrow('ended');
    await closing;
    await expect(target.invoke({})).rejects.toThrow('function loader is closed');
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('lets what runs finish within the grace that closing gives', async () => {
    const target = await pool();
    const answer = target.invoke({ echo: 1 });
    await target.close(10_000);
    expect(await answer).toMatchObject({ echo: 1 });
  });
});
