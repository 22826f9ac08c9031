import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import type { Clock } from '#shared/clock.ts';
import { startDynamoDbLocal } from './dynamodb.ts';
import { type FunctionPool, startFunctionPool } from './function-pool.ts';
import { startGateway } from './gateway.ts';
import { startBroker } from './kafka/start-broker.ts';
import { keptPort } from './kept-port.ts';
import type { LocalFolders, LocalSettings } from './local-settings.ts';
import { startPipe } from './pipe.ts';
import { PIPE_FILTER_CRITERIA } from './pipe-filter.ts';
import { requireJava } from './prerequisites.ts';
import { createTables } from './tables.ts';
import { startTimer } from './timer.ts';

/** Everything that one machine runs, wired as the stack wires it in AWS. */
export interface LocalInstallation {
  readonly apiUrl: string;
  readonly brokers: readonly string[];
  /** Where file destinations write. */
  readonly tablesDirectory: string;
  /** Stops all parts, the last started first. */
  close(): Promise<void>;
}

/** What is said while it starts and runs. */
export interface InstallationEvents {
  readonly onPart: (name: string, address: string) => void;
  readonly onTrouble: (message: string) => void;
}

const API_PORT = 8_321;
/** API Gateway's own limit for an integration. */
const API_TIMEOUT_MS = 30_000;
/** What loaders get to finish their tasks when we stop; what does not is taken up again by its lease. */
const LOADER_GRACE_MS = 3_000;

/** DynamoDB Local takes any region and any key; a real account takes neither of these. */
export const LOCAL_REGION = 'local';
/** See {@link LOCAL_REGION}. */
export const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/**
 * Starts all parts. What was started is stopped again when a later part does not start.
 *
 * @throws {Error} in a sentence that says what is missing or which part did not start
 */
export async function startInstallation(
  settings: LocalSettings,
  folders: LocalFolders,
  { clock, onPart, onTrouble }: InstallationEvents & { readonly clock: Clock },
): Promise<LocalInstallation> {
  await using starting = new AsyncDisposableStack();
  const stopLater = (stop: () => Promise<unknown>) =>
    starting.defer(async () => {
      await stop();
    });
  const onError = (part: string) => (error: unknown) =>
    onTrouble(`${part}: ${error instanceof Error ? error.message : String(error)}`);

  await mkdir(folders.tables, { recursive: true });
  if (!settings.DYNAMODB_ENDPOINT || !settings.KAFKA_BROKERS) await requireJava();
  const { endpoint, brokers } = await startServers(settings, folders, stopLater);
  onPart('DynamoDB', endpoint);
  onPart('Kafka', brokers.join(','));

  const { streams, streamArn } = await openStream(settings, endpoint);
  starting.defer(() => streams.destroy());

  const functions = await startFunctions(
    { settings, folders, endpoint },
    { clock, onTrouble, stopLater },
  );
  onPart('loaders', `processes ${functions.loader.pids().join(', ')}`);

  const pipe = startPipe({
    streams,
    streamArn,
    filter: PIPE_FILTER_CRITERIA,
    target: (records) => functions.loader.offer(records),
    clock,
    onError: onError('pipe'),
  });
  stopLater(() => Promise.all([pipe.close(), functions.loader.close(LOADER_GRACE_MS)]));
  onPart('pipe', streamArn);

  const gateway = await startOnApiPort(settings.API_PORT, (port) =>
    startGateway({
      port,
      target: (event) => functions.api.invoke(event),
      clock,
      onError: onError('API'),
    }),
  );
  stopLater(() => gateway.close());
  onPart('API', gateway.url);

  const everyMs = Number(settings.functions.CYCLE_MS);
  const timer = startTimer({
    everyMs,
    target: (event) => functions.scheduler.invoke(event),
    clock,
    onError: onError('scheduler'),
  });
  stopLater(() => timer.close());
  onPart('scheduler', `process ${functions.scheduler.pids().join(', ')}, every ${everyMs} ms`);

  const running = starting.move();
  return {
    apiUrl: gateway.url,
    brokers,
    tablesDirectory: folders.tables,
    close: () => running.disposeAsync(),
  };
}

type StopLater = (stop: () => Promise<unknown>) => void;

/** The tables, made if they are missing, and a client of their stream. */
async function openStream(
  settings: LocalSettings,
  endpoint: string,
): Promise<{ streams: DynamoDBStreamsClient; streamArn: string }> {
  const config = { endpoint, region: LOCAL_REGION, credentials: LOCAL_CREDENTIALS };
  const dynamodb = new DynamoDBClient(config);
  try {
    const streamArn = await createTables(dynamodb, {
      jobsTable: settings.JOBS_TABLE,
      tasksTable: settings.TASKS_TABLE,
    });
    return { streams: new DynamoDBStreamsClient(config), streamArn };
  } finally {
    dynamodb.destroy();
  }
}

/** DynamoDB Local and the broker, both at once; or those that run already. */
async function startServers(
  settings: LocalSettings,
  folders: LocalFolders,
  stopLater: StopLater,
): Promise<{ endpoint: string; brokers: readonly string[] }> {
  const startTables = async () => {
    if (settings.DYNAMODB_ENDPOINT) return settings.DYNAMODB_ENDPOINT;
    await mkdir(folders.dynamodb, { recursive: true });
    const port = await keptPort(join(folders.dynamodb, 'port'));
    const server = await startDynamoDbLocal({ directory: folders.dynamodb, port });
    stopLater(() => server.stop());
    return server.endpoint;
  };
  const startKafka = async () => {
    if (settings.KAFKA_BROKERS) return settings.KAFKA_BROKERS;
    const broker = await startBroker({ directory: folders.broker });
    stopLater(() => broker.stop());
    return [broker.bootstrap];
  };
  const [tables, kafka] = await Promise.allSettled([startTables(), startKafka()]);
  if (tables.status === 'rejected') throw tables.reason;
  if (kafka.status === 'rejected') throw kafka.reason;
  return { endpoint: tables.value, brokers: kafka.value };
}

async function startFunctions(
  where: {
    readonly settings: LocalSettings;
    readonly folders: LocalFolders;
    readonly endpoint: string;
  },
  run: {
    readonly clock: Clock;
    readonly onTrouble: (message: string) => void;
    readonly stopLater: StopLater;
  },
): Promise<Record<'loader' | 'scheduler' | 'api', FunctionPool>> {
  const { settings, folders } = where;
  const environment = {
    ...settings.functions,
    AWS_REGION: LOCAL_REGION,
    AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
    DYNAMODB_ENDPOINT: where.endpoint,
    JOBS_TABLE: settings.JOBS_TABLE,
    TASKS_TABLE: settings.TASKS_TABLE,
    FILE_DIRECTORIES: settings.functions.FILE_DIRECTORIES ?? folders.tables,
  };
  const start = async (
    name: 'loader' | 'scheduler' | 'api',
    size: { processes: number; invocations: number; timeoutMs: number },
  ) => {
    const pool = await startFunctionPool(
      {
        name,
        handler: new URL(`../../functions/${name}/handler.ts`, import.meta.url),
        environment,
        logFile: join(folders.logs, `${name}.log`),
        ...size,
      },
      run,
    );
    run.stopLater(() => pool.close());
    return pool;
  };
  const [loader, scheduler, api] = await Promise.all([
    start('loader', {
      processes: settings.LOADER_PROCESSES,
      invocations: settings.LOADER_INVOCATIONS,
      timeoutMs: settings.LOADER_TIMEOUT_MS,
    }),
    // Two cycles may overlap, as under EventBridge.
    start('scheduler', { processes: 1, invocations: 2, timeoutMs: 60_000 }),
    start('api', { processes: 1, invocations: 64, timeoutMs: API_TIMEOUT_MS }),
  ]);
  return { loader, scheduler, api };
}

/** A port that was asked for must be it; otherwise ours, or any when that is taken. */
async function startOnApiPort<T>(
  wanted: number | undefined,
  start: (port: number) => Promise<T>,
): Promise<T> {
  try {
    return await start(wanted ?? API_PORT);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    if (wanted === undefined) return start(0);
    throw new Error(`API_PORT must be free, but something listens on ${wanted}`, { cause: error });
  }
}
