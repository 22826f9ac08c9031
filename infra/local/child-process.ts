import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

/** A server that runs beside us and dies with us, however we die. */
export interface LocalProcess {
  readonly pid: number;
  /** Resolves when it has ended, however it did. */
  readonly ended: Promise<void>;
  readonly hasEnded: boolean;
  /** Asks it to end (SIGTERM), insists after some seconds (SIGKILL), and resolves when it has. */
  stop(): Promise<void>;
  /** SIGKILL; resolves when it has ended. */
  kill(): Promise<void>;
}

export interface LocalProcessOptions {
  /** Where its output goes; made anew. */
  readonly logFile: string;
  readonly cwd?: string | undefined;
}

const STOP_MS = 8_000;

/**
 * The shell becomes the command itself and leaves a watcher behind, which reads a pipe whose other end only
 * we hold. The kernel closes that end when we die, by kill -9 too: then the watcher ends the command, with
 * TERM and after five seconds with KILL. A line in the pipe tells it that the command is gone already and
 * its process id not to be touched.
 */
const DIE_WITH_PARENT = `
exec 3<&0 </dev/null
(
  read -r line <&3 && exit 0
  kill -TERM $$
  for i in 1 2 3 4 5 6 7 8 9 10; do
    sleep 0.5
    kill -0 $$ || exit 0
  done
  kill -KILL $$
) >/dev/null 2>&1 &
exec "$@" 3<&-
`;

/** Starts a command whose life is bound to this process'. */
export function startLocalProcess(
  [command, ...args]: readonly [string, ...string[]],
  { logFile, cwd }: LocalProcessOptions,
): LocalProcess {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'w');
  const child = spawn('sh', ['-c', DIE_WITH_PARENT, 'sh', command, ...args], {
    stdio: ['pipe', log, log],
    // Out of the terminal's process group: Ctrl-C is ours to handle, in our order.
    detached: true,
    ...(cwd ? { cwd } : {}),
  });
  closeSync(log);
  let hasEnded = false;
  child.stdin?.on('error', () => {}); // the watcher may be gone before its line
  const ended = once(child, 'exit').then(() => {
    hasEnded = true;
    child.stdin?.end('gone\n');
  });
  const signal = (name: NodeJS.Signals) => {
    if (!hasEnded) child.kill(name);
  };
  return {
    pid: child.pid ?? -1,
    ended,
    get hasEnded() {
      return hasEnded;
    },
    async stop() {
      signal('SIGTERM');
      const insist = setTimeout(() => signal('SIGKILL'), STOP_MS);
      await ended.finally(() => clearTimeout(insist));
    },
    async kill() {
      signal('SIGKILL');
      await ended;
    },
  };
}
