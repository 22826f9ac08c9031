import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { brokerLinks } from '#shared/kafka/kafkajs-inside.ts';
import { metadataRequest, readMetadata } from '#shared/kafka/metadata-request.ts';
import { type LocalProcess, startLocalProcess } from '../child-process.ts';
import { freePorts, portsFree } from '../free-port.ts';
import { javaScratch } from '../java-scratch.ts';
import { type BrokerCertificate, brokerCertificate } from './broker-certificate.ts';
import { type Listener, type SaslUser, serverProperties } from './broker-properties.ts';
import { type KafkaVersion, kafkaClassPath } from './kafka-jars.ts';

/** An Apache Kafka broker in KRaft mode on 127.0.0.1, without ZooKeeper. */

const run = promisify(execFile);
const READY_MS = 60_000;
/** How long an earlier broker in the same directory may take to die. */
const PREDECESSOR_MS = 20_000;

export interface BrokerOptions {
  /** Holds its data, identity, ports and log; started again there, it is the same broker. */
  readonly directory: string;
  /** @default '3.9.1' */
  readonly version?: KafkaVersion | undefined;
  /** Of PLAINTEXT. Default: a free one, and the same again after that. */
  readonly port?: number | undefined;
  /** Listeners beside PLAINTEXT. */
  readonly listeners?: readonly Exclude<Listener, 'PLAINTEXT'>[] | undefined;
  /** Who may log in on the SASL listeners. Fixed by the first start in the directory. */
  readonly users?: readonly SaslUser[] | undefined;
  /** The host that clients are told to connect to. @default '127.0.0.1' */
  readonly advertisedHost?: string | undefined;
  /** Further server properties. */
  readonly config?: Readonly<Record<string, string>> | undefined;
  /** Its place in a cluster of several. Default: alone. */
  readonly member?: ClusterMember | undefined;
}

/** A broker's place in a cluster whose node 1 is the controller. */
interface ClusterMember {
  readonly nodeId: number;
  readonly clusterId: string;
  readonly controllerPort: number;
}

export interface LocalBroker {
  readonly nodeId: number;
  /** Of the PLAINTEXT listener, `127.0.0.1:port`. */
  readonly bootstrap: string;
  /** `127.0.0.1:port` of every listener. */
  readonly addresses: Readonly<Partial<Record<Listener, string>>>;
  /** To be trusted by clients of SSL and SASL_SSL; PEM. */
  readonly certificate?: string | undefined;
  /** Ends it in order. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again on the same data and ports, ending it first if it still runs. */
  restart(): Promise<void>;
}

/** What must not change from one start to the next. */
interface Identity {
  /** 16 bytes in URL-safe base64, as Kafka writes them. */
  readonly clusterId: string;
  readonly ports: Readonly<Partial<Record<Listener, number>>>;
  readonly controllerPort: number;
}

const CONTROLLER_NODE = 1;
const IDENTITY_FILE = 'identity.json';

/**
 * Starts a broker and resolves when it answers and takes part in its cluster. It ends with this process,
 * however that ends.
 *
 * @throws {Error} when it is not ready within a minute; the message names its log
 */
export async function startBroker(options: BrokerOptions): Promise<LocalBroker> {
  const directory = resolve(options.directory);
  await mkdir(directory, { recursive: true });
  const { member, listeners = [] } = options;
  const nodeId = member?.nodeId ?? CONTROLLER_NODE;
  const [classPath, identity, certificate] = await Promise.all([
    kafkaClassPath(options.version ?? '3.9.1'),
    identityIn(directory, options),
    listeners.some((name) => name.endsWith('SSL')) ? brokerCertificate(directory) : undefined,
  ]);
  const files = await writeProperties({ directory, options, identity, certificate });
  if (!existsSync(files.formatted)) {
    await format(classPath, files.properties, identity, options.users ?? []);
  }

  const start = async (): Promise<LocalProcess> => {
    await portsFree(ownPorts(identity, nodeId), PREDECESSOR_MS);
    const scratch = await javaScratch(directory);
    const server = startLocalProcess(
      ['java', ...JVM_OPTIONS, scratch, '-cp', classPath, 'kafka.Kafka', files.properties],
      { logFile: files.log },
    );
    await ready({ server, nodeId, port: identity.ports.PLAINTEXT ?? 0, log: files.log });
    return server;
  };
  let server = await start();
  return {
    nodeId,
    bootstrap: `127.0.0.1:${identity.ports.PLAINTEXT}`,
    addresses: Object.fromEntries(
      Object.entries(identity.ports).map(([name, port]) => [name, `127.0.0.1:${port}`]),
    ),
    certificate: certificate?.pem,
    stop: () => server.stop(),
    kill: () => server.kill(),
    async restart() {
      await server.stop();
      server = await start();
    },
  };
}

/** A cluster's id as Kafka makes them. */
export function newClusterId(): string {
  return randomBytes(16).toString('base64url');
}

const JVM_OPTIONS = [
  '-Xms128m',
  '-Xmx512m',
  '-XX:+UseSerialGC',
  '-Djava.awt.headless=true',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=error',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
];

/** The PLAINTEXT address of the broker that was started in a directory, now or ever; undefined when none was. */
export async function brokerAddressIn(directory: string): Promise<string | undefined> {
  const port = (await keptIdentity(directory))?.ports.PLAINTEXT;
  return port === undefined ? undefined : `127.0.0.1:${port}`;
}

function keptIdentity(directory: string): Promise<Identity | undefined> {
  return readFile(join(directory, IDENTITY_FILE), 'utf8').then(
    (text) => JSON.parse(text) as Identity,
    () => undefined,
  );
}

async function identityIn(directory: string, options: BrokerOptions): Promise<Identity> {
  const file = join(directory, IDENTITY_FILE);
  const names: Listener[] = ['PLAINTEXT', ...(options.listeners ?? [])];
  const kept = await keptIdentity(directory);
  if (kept && names.every((name) => kept.ports[name] !== undefined)) return kept;
  const [controller = 0, ...free] = await freePorts(names.length + 1);
  const ports = Object.fromEntries(names.map((name, i) => [name, kept?.ports[name] ?? free[i]]));
  if (options.port !== undefined) ports.PLAINTEXT = options.port;
  const identity: Identity = {
    clusterId: options.member?.clusterId ?? kept?.clusterId ?? newClusterId(),
    ports,
    controllerPort: options.member?.controllerPort ?? kept?.controllerPort ?? controller,
  };
  await writeFile(`${file}.new`, JSON.stringify(identity));
  await rename(`${file}.new`, file);
  return identity;
}

function ownPorts({ ports, controllerPort }: Identity, nodeId: number): number[] {
  return [...Object.values(ports), ...(nodeId === CONTROLLER_NODE ? [controllerPort] : [])];
}

async function writeProperties(broker: {
  readonly directory: string;
  readonly options: BrokerOptions;
  readonly identity: Identity;
  readonly certificate: BrokerCertificate | undefined;
}): Promise<{ properties: string; log: string; formatted: string }> {
  const { directory, options, identity, certificate } = broker;
  const nodeId = options.member?.nodeId ?? CONTROLLER_NODE;
  const properties = join(directory, 'server.properties');
  const dataDirectory = join(directory, 'data');
  await writeFile(
    properties,
    serverProperties({
      nodeId,
      roles: nodeId === CONTROLLER_NODE ? 'broker,controller' : 'broker',
      controllerPort: identity.controllerPort,
      controllerNodeId: CONTROLLER_NODE,
      ports: identity.ports,
      advertisedHost: options.advertisedHost ?? '127.0.0.1',
      users: options.users ?? [],
      certificate,
      dataDirectory,
      config: options.config ?? {},
    }),
  );
  return {
    properties,
    log: join(directory, 'broker.log'),
    formatted: join(dataDirectory, 'meta.properties'),
  };
}

/** Gives a new data directory its identity and the SCRAM users. */
async function format(
  classPath: string,
  properties: string,
  identity: Identity,
  users: readonly SaslUser[],
): Promise<void> {
  const scram = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) =>
    users.flatMap(({ username, password }) => [
      '--add-scram',
      `${mechanism}=[name=${username},password=${password}]`,
    ]),
  );
  await run('java', [
    ...['-Xmx256m', '-XX:TieredStopAtLevel=1', '-cp', classPath],
    ...['-Dorg.slf4j.simpleLogger.defaultLogLevel=error', 'kafka.tools.StorageTool', 'format'],
    ...[`--cluster-id=${identity.clusterId}`, '-c', properties, '--ignore-formatted', ...scram],
  ]);
}

/** Ready is a broker that is listed in its own metadata: one that is still joining is not. */
async function ready(broker: {
  readonly server: LocalProcess;
  readonly nodeId: number;
  readonly port: number;
  readonly log: string;
}): Promise<void> {
  const deadline = performance.now() + READY_MS;
  while (!(await isListed(broker.nodeId, broker.port))) {
    if (broker.server.hasEnded || performance.now() > deadline) {
      await broker.server.kill();
      throw new Error(`the broker must be ready within ${READY_MS} ms: see ${broker.log}`);
    }
    await delay(100);
  }
}

async function isListed(nodeId: number, port: number): Promise<boolean> {
  const address = { host: '127.0.0.1', port };
  const kafka = new Kafka({
    brokers: [`${address.host}:${port}`],
    connectionTimeout: 1_000,
    requestTimeout: 2_000,
    logLevel: logLevel.NOTHING,
  });
  const link = await brokerLinks(kafka)(address);
  try {
    await link.connect();
    const request = metadataRequest([], link.versions());
    return readMetadata(await link.send(request), request).brokers.has(nodeId);
  } catch {
    return false;
  } finally {
    await link.disconnect();
  }
}
