import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemClock } from '#shared/clock.ts';
import type { FunctionSettings, InvokeMessage, SandboxMessage } from './function-settings.ts';

/** How long a process may take to load its function, and to end when told to. */
const LOAD_MS = 60_000;
const STOP_MS = 2_000;

/** An invocation that failed, by its handler or with its process. The message holds the handler's own. */
export class InvocationFailed extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InvocationFailed';
  }
}

/** One process of a function. */
export interface Sandbox {
  readonly pid: number;
  /** Invocations that run in it now. */
  load(): number;
  /** @throws {InvocationFailed} also when the process dies or the invocation overruns its time */
  invoke(event: unknown): Promise<unknown>;
  /** Resolves when the process has ended, whatever ended it. */
  readonly ended: Promise<void>;
  /** Ends the process; what runs in it is lost. */
  stop(): Promise<void>;
}

interface Invocation {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: InvocationFailed) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * Starts a process and loads the function in it.
 *
 * @throws {Error} with the function's own words when it does not load
 */
export async function startSandbox(settings: FunctionSettings): Promise<Sandbox> {
  const child = forkFunction(settings);
  const running = new Map<string, Invocation>();
  const end = (requestId: string, settle: (invocation: Invocation) => void) => {
    const invocation = running.get(requestId);
    if (!invocation) return;
    running.delete(requestId);
    clearTimeout(invocation.timer);
    settle(invocation);
  };
  const ended = endOf(child).then(() => {
    const lost = new InvocationFailed(`a process of function ${settings.name} ended`);
    for (const requestId of [...running.keys()]) end(requestId, ({ reject }) => reject(lost));
  });
  await loaded(child, settings.name);
  child.on('message', (message: SandboxMessage) => {
    if (message.kind === 'result') {
      end(message.requestId, ({ resolve }) => resolve(message.result));
    } else if (message.kind === 'error') {
      end(message.requestId, ({ reject }) => reject(new InvocationFailed(message.message)));
    }
  });
  return {
    pid: child.pid ?? -1,
    load: () => running.size,
    ended,
    invoke: (event) =>
      new Promise((resolve, reject) => {
        const requestId = randomUUID();
        const timer = setTimeout(() => child.kill('SIGKILL'), settings.timeoutMs);
        running.set(requestId, { resolve, reject, timer });
        const deadline = systemClock.now() + settings.timeoutMs;
        child.send({ requestId, event, deadline } satisfies InvokeMessage, (error) => {
          if (error) end(requestId, () => reject(new InvocationFailed(error.message)));
        });
      }),
    stop: async () => {
      if (child.connected) child.disconnect();
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

function forkFunction(settings: FunctionSettings): ChildProcess {
  mkdirSync(dirname(settings.logFile), { recursive: true });
  const log = openSync(settings.logFile, 'a');
  try {
    return fork(new URL('function-process.ts', import.meta.url), [settings.handler.href], {
      // Not what the parent was started with: a function must not see the user's own AWS credentials.
      env: { ...machineEnvironment(), ...lambdaEnvironment(settings), ...settings.environment },
      execArgv: [],
      stdio: ['ignore', log, log, 'ipc'],
    });
  } finally {
    closeSync(log);
  }
}

function machineEnvironment(): Record<string, string> {
  const { PATH, HOME, TMPDIR } = process.env;
  return { ...(PATH && { PATH }), ...(HOME && { HOME }), ...(TMPDIR && { TMPDIR }) };
}

function lambdaEnvironment({ name }: FunctionSettings): Record<string, string> {
  return {
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1769',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    TZ: ':UTC',
  };
}

async function loaded(child: ChildProcess, name: string): Promise<void> {
  const timer = setTimeout(() => child.kill('SIGKILL'), LOAD_MS);
  const first = await Promise.race([
    once(child, 'message').then(([message]) => message as SandboxMessage),
    endOf(child).then(() => undefined),
  ]).finally(() => clearTimeout(timer));
  if (first?.kind === 'ready') return;
  const why = first?.kind === 'refused' ? first.message : 'its process ended; see its log';
  throw new Error(`function ${name} does not load: ${why}`);
}

/** `error` is what comes instead of `exit` when the process could not even be started. */
function endOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
}
