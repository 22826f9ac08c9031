import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledge } from '../constructs/acknowledge.ts';
import { installationKey } from '../constructs/encryption.ts';
import { RoutineLoad } from '../constructs/routine-load.ts';
import { ExampleCluster } from './example-cluster.ts';
import { exampleVpc } from './example-network.ts';

/** Tasks at once; small enough for an account that is new. */
const CAPACITY = 10;

/**
 * Everything for a first try, in a VPC of its own: a small cluster, a bucket, and an installation between
 * them. Nothing of it outlives `cdk destroy`, the bucket's contents excepted.
 */
export class ExampleStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const key = installationKey(this, 'Key', RemovalPolicy.DESTROY);
    const vpc = exampleVpc(this, 'Vpc', key);
    const cluster = new ExampleCluster(this, 'Kafka', { vpc, key });
    const bucket = new Bucket(this, 'Tables', {
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      bucketKeyEnabled: true,
      enforceSSL: true,
      versioned: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    });
    acknowledge(bucket, {
      rules: [
        'AwsSolutions-S1',
        'NIST.800.53.R5-S3BucketLoggingEnabled',
        'NIST.800.53.R5-S3BucketReplicationEnabled',
      ],
      reason:
        'it holds what a first try loads from a topic: nobody audits it, and it can be loaded again',
    });
    const routineLoad = new RoutineLoad(this, 'RoutineLoad', {
      vpc,
      cluster: cluster.access,
      // CDK's own types do not agree under `exactOptionalPropertyTypes`.
      buckets: [{ bucket: bucket as IBucket }],
      capacity: CAPACITY,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new CfnOutput(this, 'ApiUrl', { value: routineLoad.api.url });
    new CfnOutput(this, 'ClusterArn', { value: cluster.access.clusterArn });
    new CfnOutput(this, 'ProducerSecurityGroup', { value: cluster.clients.securityGroupId });
    new CfnOutput(this, 'Bucket', { value: bucket.bucketName });
    new CfnOutput(this, 'AlarmTopic', { value: routineLoad.alarms.topic.topicArn });
  }
}
