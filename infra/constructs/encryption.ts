import { type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

/**
 * The installation's own key: tables, logs, the schedule and the alarms' topic. It rotates each year. The
 * services that write without a role of ours are named in its policy, each bound to this account.
 */
export function installationKey(scope: Construct, id: string, removalPolicy?: RemovalPolicy): Key {
  const { account, region, partition } = Stack.of(scope);
  const key = new Key(scope, id, {
    description: 'Routine Load: tables, logs, alarms',
    enableKeyRotation: true,
    ...(removalPolicy && { removalPolicy }),
  });
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: 'LogGroups',
      principals: [new ServicePrincipal(`logs.${region}.amazonaws.com`)],
      actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey', 'kms:DescribeKey'],
      resources: ['*'],
      conditions: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:log-group:*`,
        },
      },
    }),
  );
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: 'Alarms',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: ['*'],
      conditions: { StringEquals: { 'aws:SourceAccount': account } },
    }),
  );
  return key;
}

/** Using a key on nothing but what one service of AWS keeps with it, e.g. `dynamodb`. */
export function keyThrough(
  service: string,
  key: IKey,
  actions: readonly string[],
): PolicyStatement {
  return new PolicyStatement({
    actions: actions.map((action) => `kms:${action}`),
    resources: [key.keyArn],
    conditions: {
      StringEquals: { 'kms:ViaService': `${service}.${Stack.of(key).region}.amazonaws.com` },
    },
  });
}
