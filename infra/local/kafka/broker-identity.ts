import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts } from '../free-port.ts';
import type { Listener } from './broker-properties.ts';

/** What must not change from one start of a broker to the next, kept in a file of its directory. */

/** A broker's place in a cluster whose node 1 is the controller. */
export interface ClusterMember {
  readonly nodeId: number;
  readonly clusterId: string;
  readonly controllerPort: number;
}

/** Who a broker is. */
export interface BrokerIdentity {
  /** 16 bytes in URL-safe base64, as Kafka writes them. */
  readonly clusterId: string;
  readonly ports: Readonly<Partial<Record<Listener, number>>>;
  readonly controllerPort: number;
}

/** The node that is its cluster's controller. */
export const CONTROLLER_NODE = 1;

const IDENTITY_FILE = 'identity.json';

/** What a broker's first start may decide. */
interface WantedIdentity {
  readonly listeners?: readonly Exclude<Listener, 'PLAINTEXT'>[] | undefined;
  readonly port?: number | undefined;
  readonly member?: ClusterMember | undefined;
}

/** A cluster's id as Kafka makes them. */
export function newClusterId(): string {
  return randomBytes(16).toString('base64url');
}

/** The PLAINTEXT address of the broker that was started in a directory, now or ever; undefined when none was. */
export async function brokerAddressIn(directory: string): Promise<string | undefined> {
  const port = (await keptIdentity(directory))?.ports.PLAINTEXT;
  return port === undefined ? undefined : `127.0.0.1:${port}`;
}

function keptIdentity(directory: string): Promise<BrokerIdentity | undefined> {
  return readFile(join(directory, IDENTITY_FILE), 'utf8').then(
    (text) => JSON.parse(text) as BrokerIdentity,
    () => undefined,
  );
}

/** The identity of the broker in a directory, made and kept there by its first start; a listener more gets a port more. */
export async function identityIn(
  directory: string,
  options: WantedIdentity,
): Promise<BrokerIdentity> {
  const file = join(directory, IDENTITY_FILE);
  const names: Listener[] = ['PLAINTEXT', ...(options.listeners ?? [])];
  const kept = await keptIdentity(directory);
  if (kept && names.every((name) => kept.ports[name] !== undefined)) return kept;
  const [controller = 0, ...free] = await freePorts(names.length + 1);
  const ports = Object.fromEntries(names.map((name, i) => [name, kept?.ports[name] ?? free[i]]));
  if (options.port !== undefined) ports.PLAINTEXT = options.port;
  const identity: BrokerIdentity = {
    clusterId: options.member?.clusterId ?? kept?.clusterId ?? newClusterId(),
    ports,
    controllerPort: options.member?.controllerPort ?? kept?.controllerPort ?? controller,
  };
  await writeFile(`${file}.new`, JSON.stringify(identity));
  await rename(`${file}.new`, file);
  return identity;
}

/** The ports that a node listens on. */
export function ownPorts({ ports, controllerPort }: BrokerIdentity, nodeId: number): number[] {
  return [...Object.values(ports), ...(nodeId === CONTROLLER_NODE ? [controllerPort] : [])];
}
