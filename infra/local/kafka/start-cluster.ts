import { join } from 'node:path';
import { freePorts } from '../free-port.ts';
import { newClusterId } from './broker-identity.ts';
import { type BrokerOptions, type LocalBroker, startBroker } from './start-broker.ts';

/** Several brokers that form one cluster, for leaders that move. */
export interface LocalCluster {
  /** By node id, from 1. Node 1 is the controller and has to stay. */
  readonly brokers: readonly LocalBroker[];
  /** All addresses, with commas. */
  readonly bootstrap: string;
  stop(): Promise<void>;
}

/**
 * Starts a cluster of `nodes` brokers in a new directory: its identity is not kept.
 *
 * @throws {Error} when one of them does not become ready
 */
export async function startCluster(
  options: Omit<BrokerOptions, 'member' | 'port'> & { readonly nodes: number },
): Promise<LocalCluster> {
  const { nodes, directory, ...rest } = options;
  const [controllerPort = 0] = await freePorts(1);
  const clusterId = newClusterId();
  const started = await Promise.allSettled(
    Array.from({ length: nodes }, (_, i) =>
      startBroker({
        ...rest,
        directory: join(directory, `node-${i + 1}`),
        member: { nodeId: i + 1, clusterId, controllerPort },
      }),
    ),
  );
  const brokers = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  /** The controller last: without it the others could not sign off. */
  const stop = async () => {
    for (const broker of brokers.toReversed()) await broker.stop();
  };
  const failed = started.find((one) => one.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  return { brokers, bootstrap: brokers.map((broker) => broker.bootstrap).join(','), stop };
}
