import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type LocalProcess, startLocalProcess } from '../child-process.ts';
import { portsFree } from '../free-port.ts';
import { javaScratch } from '../java-scratch.ts';
import { type BrokerCertificate, brokerCertificate } from './broker-certificate.ts';
import {
  type BrokerIdentity,
  type ClusterMember,
  CONTROLLER_NODE,
  identityIn,
  ownPorts,
} from './broker-identity.ts';
import { type Listener, type SaslUser, serverProperties } from './broker-properties.ts';
import { brokerReady } from './broker-ready.ts';
import { type KafkaVersion, kafkaClassPath } from './kafka-jars.ts';

/** An Apache Kafka broker in KRaft mode on 127.0.0.1, without ZooKeeper. */

const run = promisify(execFile);

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
    await brokerReady({ server, nodeId, port: identity.ports.PLAINTEXT ?? 0, log: files.log });
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

const JVM_OPTIONS = [
  '-Xms128m',
  '-Xmx512m',
  '-XX:+UseSerialGC',
  '-Djava.awt.headless=true',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=error',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
];

async function writeProperties(broker: {
  readonly directory: string;
  readonly options: BrokerOptions;
  readonly identity: BrokerIdentity;
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
  identity: BrokerIdentity,
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
