import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { brokerLinks } from '#shared/kafka/kafkajs-inside.ts';
import { metadataRequest, readMetadata } from '#shared/kafka/metadata-request.ts';
import type { LocalProcess } from '../child-process.ts';

const READY_MS = 60_000;

/**
 * Resolves when a broker is ready: listed in its own metadata, as one that is still joining is not.
 *
 * @throws {Error} when it is not within a minute, or has ended; the message names its log
 */
export async function brokerReady(broker: {
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
