import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type IVpc, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type ILogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnCluster, CfnConfiguration } from 'aws-cdk-lib/aws-msk';
import { Construct } from 'constructs';
import { IAM_PORT, type MskCluster } from '../constructs/kafka-access.ts';

/** Where the cluster goes. */
export interface ExampleClusterProps {
  readonly vpc: IVpc;
  readonly key: IKey;
}

/** One broker in each zone of the VPC, of the smallest kind: about 70 dollars a month. */
const BROKERS = 2;

/** Readers are served by the replica in their own zone, and topics are made on purpose only. */
const SERVER_PROPERTIES = [
  'replica.selector.class=org.apache.kafka.common.replica.RackAwareReplicaSelector',
  'auto.create.topics.enable=false',
  'default.replication.factor=2',
  'min.insync.replicas=1',
].join('\n');

/** A small MSK cluster for a first try: IAM only, TLS everywhere, one broker in each of two zones. */
export class ExampleCluster extends Construct {
  /** For {@link RoutineLoad}. */
  readonly access: MskCluster;
  /** Put what shall produce into this group. */
  readonly clients: SecurityGroup;

  constructor(scope: Construct, id: string, { vpc, key }: ExampleClusterProps) {
    super(scope, id);
    const brokers = new SecurityGroup(this, 'Brokers', { vpc, allowAllOutbound: false });
    this.clients = new SecurityGroup(this, 'Clients', { vpc, allowAllOutbound: false });
    this.clients.connections.allowTo(brokers, Port.tcp(IAM_PORT), 'Kafka with IAM');
    const logs = new LogGroup(this, 'Logs', {
      retention: RetentionDays.ONE_WEEK,
      encryptionKey: key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const cluster = this.#cluster({ vpc, key, brokers, logs });
    this.access = { clusterArn: cluster.attrArn, securityGroups: [brokers] };
  }

  #cluster(parts: ExampleClusterProps & { brokers: SecurityGroup; logs: ILogGroup }): CfnCluster {
    const { vpc, key, brokers, logs } = parts;
    const name = `${Stack.of(this).stackName}-example`;
    const configuration = new CfnConfiguration(this, 'Configuration', {
      name,
      serverProperties: SERVER_PROPERTIES,
    });
    return new CfnCluster(this, 'Cluster', {
      clusterName: name,
      kafkaVersion: '3.9.x',
      numberOfBrokerNodes: BROKERS,
      configurationInfo: { arn: configuration.attrArn, revision: 1 },
      brokerNodeGroupInfo: {
        instanceType: 'kafka.t3.small',
        clientSubnets: vpc.isolatedSubnets.slice(0, BROKERS).map(({ subnetId }) => subnetId),
        securityGroups: [brokers.securityGroupId],
        storageInfo: { ebsStorageInfo: { volumeSize: 20 } },
      },
      clientAuthentication: {
        sasl: { iam: { enabled: true } },
        unauthenticated: { enabled: false },
      },
      encryptionInfo: {
        encryptionAtRest: { dataVolumeKmsKeyId: key.keyArn },
        encryptionInTransit: { clientBroker: 'TLS', inCluster: true },
      },
      loggingInfo: {
        brokerLogs: { cloudWatchLogs: { enabled: true, logGroup: logs.logGroupName } },
      },
    });
  }
}
