import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { RoutineLoad } from '../constructs/routine-load.ts';
import type { InstallationContext } from '../settings/installation-context.ts';

/** An installation in a VPC that exists, beside a cluster that exists. */
export class RoutineLoadStack extends Stack {
  readonly routineLoad: RoutineLoad;

  constructor(
    scope: Construct,
    id: string,
    props: StackProps & { readonly installation: InstallationContext },
  ) {
    const { installation, ...stackProps } = props;
    super(scope, id, { terminationProtection: true, ...stackProps });
    const { secretsPrefix, secretsKeyArns = [], buckets = [] } = installation;
    this.routineLoad = new RoutineLoad(this, 'RoutineLoad', {
      vpc: Vpc.fromVpcAttributes(this, 'Vpc', {
        vpcId: installation.vpcId,
        availabilityZones: installation.availabilityZones,
        privateSubnetIds: installation.subnetIds,
        privateSubnetRouteTableIds: installation.routeTableIds,
        ...(installation.vpcCidr && { vpcCidrBlock: installation.vpcCidr }),
      }),
      cluster: {
        clusterArn: installation.clusterArn,
        securityGroups: installation.clusterSecurityGroupIds.map((groupId) =>
          SecurityGroup.fromSecurityGroupId(this, groupId, groupId),
        ),
        ports: installation.clusterPorts,
        topics: installation.topics,
      },
      buckets: buckets.map((each) => ({ bucket: this.#bucket(each) })),
      secrets:
        secretsPrefix === undefined
          ? undefined
          : {
              prefix: secretsPrefix,
              keys: secretsKeyArns.map((arn) => Key.fromKeyArn(this, `SecretsKey-${arn}`, arn)),
            },
      capacity: installation.capacity,
      allowedBrokers: installation.allowedBrokers,
      allowedDestinations: installation.allowedDestinations,
      icebergCatalogs: installation.icebergCatalogs,
      schemaRegistries: installation.schemaRegistries,
      endpoints: installation.endpoints,
      prefixLists: installation.prefixLists,
    });
    new CfnOutput(this, 'ApiUrl', { value: this.routineLoad.api.url });
    new CfnOutput(this, 'AlarmTopic', { value: this.routineLoad.alarms.topic.topicArn });
  }

  #bucket(given: NonNullable<InstallationContext['buckets']>[number]): IBucket {
    const { name, keyArn } = typeof given === 'string' ? { name: given } : given;
    return Bucket.fromBucketAttributes(this, `Bucket-${name}`, {
      bucketName: name,
      ...(keyArn && { encryptionKey: Key.fromKeyArn(this, `BucketKey-${name}`, keyArn) }),
    });
  }
}
