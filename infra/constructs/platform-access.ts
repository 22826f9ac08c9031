import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledgePattern } from './acknowledge.ts';

/** Rights that AWS grants on `*` only: what they are for belongs to nobody, or does not exist yet. */

/** Sending traces. */
export function tracing(scope: Construct, id: string): ManagedPolicy {
  return onEverything(scope, id, {
    reason: 'AWS X-Ray has no resources: its actions are granted on * or not at all',
    statements: [
      new PolicyStatement({
        actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
        resources: ['*'],
      }),
    ],
  });
}

/**
 * The network interfaces that Lambda makes for functions in a VPC: the actions that its guide lists.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
 */
export function networkInterfaces(scope: Construct, id: string): ManagedPolicy {
  return onEverything(scope, id, {
    reason:
      'Lambda makes the interfaces that it puts functions into a VPC with, so none can be named',
    statements: [
      new PolicyStatement({
        actions: [
          'ec2:CreateNetworkInterface',
          'ec2:DescribeNetworkInterfaces',
          'ec2:DescribeSubnets',
          'ec2:DeleteNetworkInterface',
          'ec2:AssignPrivateIpAddresses',
          'ec2:UnassignPrivateIpAddresses',
        ],
        resources: ['*'],
      }),
    ],
  });
}

function onEverything(
  scope: Construct,
  id: string,
  { reason, statements }: { readonly reason: string; readonly statements: PolicyStatement[] },
): ManagedPolicy {
  const policy = new ManagedPolicy(scope, id, { statements });
  acknowledgePattern(policy, { resource: '*', reason });
  return policy;
}
