import { Stack } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { keyThrough } from './encryption.ts';

/** The role of one pipe, with exactly these rights; only pipes of this account may take it. */
export function pipeRole(scope: Construct, id: string, statements: PolicyStatement[]): Role {
  return new Role(scope, id, {
    assumedBy: new ServicePrincipal('pipes.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
    managedPolicies: [new ManagedPolicy(scope, 'Permissions', { statements })],
  });
}

/** The stream that a pipe reads. @throws {Error} when the table has none */
export function streamArnOf(table: TableV2): string {
  const { tableStreamArn } = table;
  if (tableStreamArn === undefined) {
    throw new Error(`table ${table.node.path} must have a stream, it has none`);
  }
  return tableStreamArn;
}

/** What reading a table's stream takes. */
export function streamStatements(table: TableV2, key: IKey): PolicyStatement[] {
  return [
    new PolicyStatement({
      actions: [
        'dynamodb:DescribeStream',
        'dynamodb:GetRecords',
        'dynamodb:GetShardIterator',
        'dynamodb:ListStreams',
      ],
      resources: [streamArnOf(table)],
    }),
    keyThrough('dynamodb', key, ['Decrypt']),
  ];
}
