import { appendFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#shared/clock.ts';
import { startDynamoDbLocal } from '../../infra/local/dynamodb.ts';
import { freePorts } from '../../infra/local/free-port.ts';
import { startBroker } from '../../infra/local/kafka/start-broker.ts';
import { type LocalInstallation, startInstallation } from '../../infra/local/local-installation.ts';
import { localFolders, readLocalSettings } from '../../infra/local/local-settings.ts';
import type { ChaosDestination, DestinationName } from './destinations/destination.ts';
import { openDestinations } from './destinations/open-destinations.ts';

/** Short, so that a run of a minute sees many of them run out. */
export const LEASE_MS = 3_000;
const LEASE_MARGIN_MS = 500;
const CYCLE_MS = 500;

/** After this a task of a loader that died is with another, whatever else holds things up for a moment. */
export const TAKEN_OVER_MS = LEASE_MS + LEASE_MARGIN_MS + 2 * CYCLE_MS;

/** A loader is stopped for at most {@link TAKEN_OVER_MS} and a lease; then it may take a while to go on, on a busy machine. */
export const LOADER_LIFE_MS = TAKEN_OVER_MS + LEASE_MS + 8_000;

/** How long a loader waits for a destination, and how long one that is slow takes. */
const SINK_TIMEOUT_MS = 2_000;
const SLOW_MS = 3_000;

/** A server that can be killed and comes back with its data and its address. */
interface Restartable {
  /** SIGKILL, and up again. */
  restart(): Promise<void>;
  /** False between the two. */
  readonly isUp: boolean;
}

/** An installation of its own, with handles on everything that can fail. */
export interface ChaosStack {
  readonly installation: LocalInstallation;
  readonly brokers: readonly string[];
  readonly broker: Restartable;
  readonly store: Pick<Restartable, 'restart'>;
  readonly destinations: readonly ChaosDestination[];
  /** Writes a line into `chaos.log`, for who wants to know what happened when. */
  note(message: string): void;
  /** Where the loaders' output goes. */
  readonly loaderLog: string;
  close(): Promise<void>;
}

/** What {@link startChaosStack} needs besides a folder. */
export interface StackOptions {
  readonly clock: Clock;
  readonly destinations: readonly DestinationName[];
}

/**
 * Starts everything below a folder of its own, on ports of its own. What its parts complain of goes into
 * `logs/chaos.log` there: under faults that is no news.
 *
 * @throws {Error} when a part does not start
 */
export async function startChaosStack(
  root: string,
  { clock, destinations: names }: StackOptions,
): Promise<ChaosStack> {
  await using starting = new AsyncDisposableStack();
  const folders = localFolders(root);
  await mkdir(folders.logs, { recursive: true });
  const note = (message: string) => {
    const at = new Date(clock.now()).toISOString();
    appendFileSync(join(folders.logs, 'chaos.log'), `${at} ${message}\n`);
  };
  const [store, broker, destinations] = await Promise.all([
    startStore(folders.dynamodb),
    startBroker({ directory: folders.broker }),
    openDestinations(names, { tablesDirectory: folders.tables, slowMs: SLOW_MS }),
  ]);
  starting.defer(() => store.stop());
  starting.defer(() => broker.stop());
  starting.defer(() => destinations.close());
  const settings = readLocalSettings({
    KAFKA_BROKERS: broker.bootstrap,
    DYNAMODB_ENDPOINT: store.endpoint,
    API_PORT: '0',
    LOADER_PROCESSES: '3',
    LOADER_INVOCATIONS: '4',
    LEASE_MS: String(LEASE_MS),
    LEASE_MARGIN_MS: String(LEASE_MARGIN_MS),
    CYCLE_MS: String(CYCLE_MS),
    LOADER_LIFE_MS: String(LOADER_LIFE_MS),
    // One task can be killed many times in a row here, and that is not its fault.
    MAX_TASK_FAILURES: '100',
    KAFKA_CONNECT_TIMEOUT_MS: '1000',
    KAFKA_REQUEST_TIMEOUT_MS: '3000',
    SINK_CONNECT_TIMEOUT_MS: '1000',
    SINK_REQUEST_TIMEOUT_MS: String(SINK_TIMEOUT_MS),
  });
  await writeFile(folders.secretsFile, JSON.stringify(destinations.secrets));
  const functions = { ...settings.functions, ...destinations.environment };
  const installation = await startInstallation({ ...settings, functions }, folders, {
    clock,
    onPart: () => undefined,
    onTrouble: note,
  });
  starting.defer(() => installation.close());
  const running = starting.move();
  return {
    installation,
    brokers: [broker.bootstrap],
    broker: restartable(async () => {
      await broker.kill();
      await broker.restart();
    }),
    store,
    destinations: destinations.all,
    note,
    loaderLog: join(folders.logs, 'loader.log'),
    close: () => running.disposeAsync(),
  };
}

async function startStore(
  directory: string,
): Promise<Pick<Restartable, 'restart'> & { readonly endpoint: string; stop(): Promise<void> }> {
  const [port = 0] = await freePorts(1);
  let server = await startDynamoDbLocal({ directory, port });
  return {
    async restart() {
      await server.kill();
      server = await startDynamoDbLocal({ directory, port });
    },
    endpoint: server.endpoint,
    stop: () => server.stop(),
  };
}

function restartable(killAndStart: () => Promise<void>): Restartable {
  let restarting = 0;
  return {
    get isUp() {
      return restarting === 0;
    },
    async restart() {
      restarting += 1;
      await killAndStart();
      restarting -= 1;
    },
  };
}
