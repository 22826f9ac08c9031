import { RemovalPolicy } from 'aws-cdk-lib';
import { FlowLogDestination, type IVpc, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { type IRole, ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { acknowledge } from '../constructs/acknowledge.ts';

/** A VPC in two zones with isolated subnets: nothing in it reaches the internet, nor is reached. */
export function exampleVpc(scope: Construct, id: string, key: IKey): IVpc {
  const flowLogs = new LogGroup(scope, `${id}FlowLogs`, {
    retention: RetentionDays.ONE_WEEK,
    encryptionKey: key,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const vpc = new Vpc(scope, id, {
    maxAzs: 2,
    natGateways: 0,
    subnetConfiguration: [
      { name: 'Isolated', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 22 },
    ],
    flowLogs: {
      All: {
        destination: FlowLogDestination.toCloudWatchLogs(
          flowLogs,
          flowLogRole(scope, `${id}FlowLogRole`, flowLogs),
        ),
      },
    },
  });
  acknowledge(vpc, {
    rules: ['NIST.800.53.R5-VPCDefaultSecurityGroupClosed'],
    reason: 'nothing uses the default group, and closing it takes a function with rights on groups',
  });
  // CDK's own types do not agree under `exactOptionalPropertyTypes`.
  return vpc as IVpc;
}

function flowLogRole(scope: Construct, id: string, logs: LogGroup): IRole {
  const permissions = new ManagedPolicy(scope, `${id}Permissions`);
  logs.grantWrite(permissions);
  const role = new Role(scope, id, {
    assumedBy: new ServicePrincipal('vpc-flow-logs.amazonaws.com'),
    managedPolicies: [permissions],
  });
  return role.withoutPolicyUpdates();
}
