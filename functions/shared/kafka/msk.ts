import {
  DescribeTopicPartitionsCommand,
  GetBootstrapBrokersCommand,
  type GetBootstrapBrokersResponse,
  KafkaClient,
} from '@aws-sdk/client-kafka';
import { awsTimeLimits } from '../aws-time-limits.ts';
import type { Clock } from '../clock.ts';
import { LoadFailure } from '../domain/failure.ts';
import type { KafkaAuth } from '../domain/job-spec.ts';
import { remembered } from './remembered.ts';

/** What the control plane of Amazon MSK knows of a cluster. */
export interface Msk {
  /**
   * The brokers, as `host:port`, of the listener that fits the mechanism.
   *
   * @throws {LoadFailure} BROKER_UNREACHABLE, or BROKER_AUTH_FAILED when we may not ask or the cluster has no such listener
   */
  bootstrapBrokers(clusterArn: string, mechanism: KafkaAuth['mechanism']): Promise<string[]>;
  /**
   * The topic's partitions, sorted, without asking a broker; `undefined` when the control plane cannot say:
   * no such topic, no permission, or a cluster whose kind has no such API.
   */
  topicPartitions(clusterArn: string, topic: string): Promise<number[] | undefined>;
}

/** The control plane throttles at a few calls a second, and many loaders start at once. */
const KEEP_MS = 5 * 60_000;

/** One listener of MSK has TLS: whether it asks for the client's certificate is a setting of the cluster. */
const TLS_LISTENERS = [
  'BootstrapBrokerStringTls',
  'BootstrapBrokerStringVpcConnectivityTls',
  'BootstrapBrokerStringPublicTls',
  'BootstrapBrokerStringTlsIpv6',
] as const;

/**
 * Where the answer holds the brokers for a mechanism, the closest network first. MSK has SCRAM-SHA-512 only,
 * and no PLAIN.
 */
const LISTENERS: Readonly<
  Record<KafkaAuth['mechanism'], readonly (keyof GetBootstrapBrokersResponse)[]>
> = {
  none: ['BootstrapBrokerString', 'BootstrapBrokerStringIpv6'],
  tls: TLS_LISTENERS,
  mtls: TLS_LISTENERS,
  'scram-sha-512': [
    'BootstrapBrokerStringSaslScram',
    'BootstrapBrokerStringVpcConnectivitySaslScram',
    'BootstrapBrokerStringPublicSaslScram',
    'BootstrapBrokerStringSaslScramIpv6',
  ],
  'aws-msk-iam': [
    'BootstrapBrokerStringSaslIam',
    'BootstrapBrokerStringVpcConnectivitySaslIam',
    'BootstrapBrokerStringPublicSaslIam',
    'BootstrapBrokerStringSaslIamIpv6',
  ],
  'scram-sha-256': [],
  plain: [],
};

/** The control plane itself; the region is the one in the cluster's ARN. */
export function mskControlPlane(clock: Clock): Msk {
  const clients = new Map<string, KafkaClient>();
  const clientFor = (clusterArn: string) => {
    const region = clusterArn.split(':')[3] ?? '';
    const client = clients.get(region) ?? openClient(region);
    clients.set(region, client);
    return client;
  };
  const bootstrap = remembered(
    (clusterArn) => getBootstrapBrokers(clientFor(clusterArn), clusterArn),
    { keepMs: KEEP_MS, clock },
  );
  return {
    async bootstrapBrokers(clusterArn, mechanism) {
      const answer = await bootstrap.get(clusterArn);
      for (const listener of LISTENERS[mechanism]) {
        const brokers = answer[listener];
        if (brokers) return brokers.split(',').map((broker) => broker.trim());
      }
      const offered = Object.entries(answer).filter(([key]) => key.startsWith('Bootstrap'));
      throw new LoadFailure(
        'BROKER_AUTH_FAILED',
        `cluster ${clusterArn} has no listener for ${mechanism}, it offers: ${offered.map(([key]) => key).join(', ') || 'none'}`,
      );
    },
    topicPartitions: (clusterArn, topic) =>
      describeTopicPartitions(clientFor(clusterArn), clusterArn, topic),
  };
}

function openClient(region: string): KafkaClient {
  return new KafkaClient({
    region,
    maxAttempts: 3,
    requestHandler: awsTimeLimits({ connectMs: 2_000, requestMs: 5_000 }),
  });
}

const FORBIDDEN =
  /^(ForbiddenException|UnauthorizedException|AccessDenied(Exception)?|UnrecognizedClientException)$/;

async function getBootstrapBrokers(
  client: KafkaClient,
  clusterArn: string,
): Promise<GetBootstrapBrokersResponse> {
  try {
    return await client.send(new GetBootstrapBrokersCommand({ ClusterArn: clusterArn }));
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : String(cause);
    throw new LoadFailure(
      FORBIDDEN.test(name) ? 'BROKER_AUTH_FAILED' : 'BROKER_UNREACHABLE',
      `the brokers of cluster ${clusterArn} cannot be looked up: ${name}`,
      { cause },
    );
  }
}

async function describeTopicPartitions(
  client: KafkaClient,
  clusterArn: string,
  topic: string,
): Promise<number[] | undefined> {
  const partitions: number[] = [];
  let page: string | undefined;
  try {
    do {
      const answer = await client.send(
        new DescribeTopicPartitionsCommand({
          ClusterArn: clusterArn,
          TopicName: topic,
          ...(page ? { NextToken: page } : {}),
        }),
      );
      for (const { Partition } of answer.Partitions ?? []) {
        if (Partition !== undefined) partitions.push(Partition);
      }
      page = answer.NextToken;
    } while (page);
  } catch {
    return undefined;
  }
  return partitions.length > 0 ? partitions.sort((a, b) => a - b) : undefined;
}
