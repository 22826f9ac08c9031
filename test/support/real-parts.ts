import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startDynamoDbLocal } from '../../infra/local/dynamodb.ts';
import { startBroker } from '../../infra/local/kafka/start-broker.ts';
import { requireJava, requireMaven } from '../../infra/local/prerequisites.ts';

/**
 * Starts what the integration tests run against, once for all of them: DynamoDB Local and a broker of
 * Apache Kafka. KAFKA_BROKERS and DYNAMODB_ENDPOINT in the environment name running ones instead.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const parts = await Promise.allSettled([dynamodb(project), kafka(project)]);
  const stops = parts.flatMap((part) => (part.status === 'fulfilled' ? [part.value] : []));
  const teardown = async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
  const failed = parts.find((part) => part.status === 'rejected');
  if (failed) {
    await teardown();
    throw failed.reason;
  }
  return teardown;
}

type Stop = () => Promise<void>;
const nothing: Stop = async () => {};

async function dynamodb(project: TestProject): Promise<Stop> {
  const running = process.env.DYNAMODB_ENDPOINT;
  if (running) {
    project.provide('dynamodbEndpoint', running);
    return nothing;
  }
  await requireJava();
  const server = await startDynamoDbLocal();
  project.provide('dynamodbEndpoint', server.endpoint);
  return () => server.stop();
}

async function kafka(project: TestProject): Promise<Stop> {
  const running = process.env.KAFKA_BROKERS;
  if (running) {
    project.provide('kafkaBrokers', running.split(','));
    return nothing;
  }
  await requireJava();
  await requireMaven();
  const directory = await mkdtemp(join(tmpdir(), 'routine-load-kafka-'));
  const broker = await startBroker({ directory });
  project.provide('kafkaBrokers', [broker.bootstrap]);
  return async () => {
    await broker.stop();
    await rm(directory, { recursive: true, force: true });
  };
}
