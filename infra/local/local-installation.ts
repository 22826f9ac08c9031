import { mkdir } from 'node:fs/promises';
import type { Clock } from '#shared/clock.ts';
import { PIPE_FILTER_CRITERIA, PIPE_INPUT_TEMPLATE } from '../settings/dispatch.ts';
import type { FunctionName } from '../settings/functions.ts';
import { API_PORT } from './api-port.ts';
import type { FunctionPool } from './function-pool.ts';
import { startGateway } from './gateway.ts';
import { startFunctions } from './local-functions.ts';
import { openStream, startServers } from './local-servers.ts';
import type { LocalFolders, LocalSettings } from './local-settings.ts';
import { startPipe } from './pipe.ts';
import { requireJava, requirePathWithoutComma } from './prerequisites.ts';
import { startSecretsServer } from './secrets-server.ts';
import { startTimer } from './timer.ts';

/** Everything that one machine runs, wired as the stack wires it in AWS. */
export interface LocalInstallation {
  readonly apiUrl: string;
  readonly brokers: readonly string[];
  /** Where file destinations write. */
  readonly tablesDirectory: string;
  /** The functions' processes. */
  readonly functions: Readonly<Record<FunctionName, Pick<FunctionPool, 'processes'>>>;
  /** Stops all parts, the last started first. */
  close(): Promise<void>;
}

/** What is said while it starts and runs. */
export interface InstallationEvents {
  readonly onPart: (name: string, address: string) => void;
  readonly onTrouble: (message: string) => void;
}

/** What loaders get to finish their tasks when we stop; what does not is taken up again by its lease. */
const LOADER_GRACE_MS = 3_000;

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

  await requireSurroundings(settings, folders);
  await mkdir(folders.tables, { recursive: true });
  const { endpoint, brokers } = await startServers(settings, folders, stopLater);
  onPart('DynamoDB', endpoint);
  onPart('Kafka', brokers.join(','));

  const { streams, streamArn } = await openStream(settings, endpoint);
  starting.defer(() => streams.destroy());

  const secrets = await startSecretsServer(folders.secretsFile, onTrouble);
  stopLater(() => secrets.close());
  const functions = await startFunctions(
    { settings, folders, endpoint, secrets: secrets.url },
    { clock, onTrouble, stopLater },
  );
  onPart('loaders', `processes ${functions.loader.pids().join(', ')}`);

  const pipe = startPipe({
    streams,
    streamArn,
    filter: PIPE_FILTER_CRITERIA,
    inputTemplate: PIPE_INPUT_TEMPLATE,
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
    functions,
    close: () => running.disposeAsync(),
  };
}

/** What the parts need that we start ourselves. */
async function requireSurroundings(settings: LocalSettings, folders: LocalFolders): Promise<void> {
  if (!settings.functions.FILE_DIRECTORIES) requirePathWithoutComma(folders.tables);
  if (!settings.KAFKA_BROKERS) requirePathWithoutComma(folders.broker);
  if (!settings.DYNAMODB_ENDPOINT || !settings.KAFKA_BROKERS) await requireJava();
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
