import { Fn } from 'aws-cdk-lib';
import type { ISecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { type ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';

import { acknowledgePattern } from './acknowledge.ts';

/** An MSK cluster whose topics jobs may load. */
export interface MskCluster {
  /** `arn:aws:kafka:<region>:<account>:cluster/<name>/<uuid>`, of a provisioned or a serverless one. */
  readonly clusterArn: string;
  /** Those of its brokers: our functions are let in, and may go out to nothing else. */
  readonly securityGroups: readonly ISecurityGroup[];
  /**
   * The listeners' ports: 9098 for IAM, 9096 for SCRAM, 9094 for TLS, with certificates of clients and without.
   *
   * @default [9098]
   */
  readonly ports?: readonly number[] | undefined;
  /**
   * Names of topics that may be read, `*` at the end of a name allowed.
   *
   * @default ['*']
   */
  readonly topics?: readonly string[] | undefined;
}

/** The listener for IAM. */
export const IAM_PORT = 9098;

/** What a function does with a cluster: the scheduler looks at topics, the loader reads their records. */
export type KafkaUse = 'look' | 'read';

/** Adds the rights for a use. None is on groups: offsets are ours, and no consumer group is used. */
export function grantKafka(policy: ManagedPolicy, cluster: MskCluster, use: KafkaUse): void {
  const { clusterArn } = cluster;
  const topics = (cluster.topics ?? ['*']).map((topic) => topicArn(clusterArn, topic));
  policy.addStatements(
    new PolicyStatement({
      actions: [
        'kafka-cluster:Connect',
        'kafka:GetBootstrapBrokers',
        // The scheduler asks for the sizes of logs.
        ...(use === 'look' ? ['kafka-cluster:DescribeCluster'] : []),
      ],
      resources: [clusterArn],
    }),
    new PolicyStatement({
      actions: [
        'kafka-cluster:DescribeTopic',
        // The scheduler asks how long a topic keeps its records.
        use === 'read'
          ? 'kafka-cluster:ReadData'
          : 'kafka-cluster:DescribeTopicDynamicConfiguration',
      ],
      resources: topics,
    }),
    ...(use === 'look' ? [topicsOfControlPlane(clusterArn, topics)] : []),
  );
  for (const topic of topics.filter((arn) => arn.endsWith('*'))) {
    acknowledgePattern(policy, {
      resource: topic,
      reason:
        'the installer opens these topics of the cluster, by default all: jobs name them later',
    });
  }
}

/** Before a job is cancelled because its topic is missing, MSK's control plane is asked as well. */
function topicsOfControlPlane(clusterArn: string, topics: readonly string[]): PolicyStatement {
  return new PolicyStatement({
    actions: ['kafka:DescribeTopicPartitions'],
    resources: [clusterArn, ...topics],
  });
}

/** `cluster/<name>/<uuid>` becomes `topic/<name>/<uuid>/<topic>`, also in an ARN that is known only to CloudFormation. */
function topicArn(clusterArn: string, topic: string): string {
  return `${Fn.join(':topic/', Fn.split(':cluster/', clusterArn, 2))}/${topic}`;
}
