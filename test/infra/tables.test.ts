import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { INDEXES } from '../../functions/shared/store/tables.ts';
import { tableShape } from '../../infra/settings/table-shapes.ts';
import { exampleStack, existingStack, resourceOf } from '../support/stacks.ts';

const template = Template.fromStack(existingStack());
const table = (name: 'Jobs' | 'Tasks') =>
  resourceOf(template, 'AWS::DynamoDB::GlobalTable', `Tables${name}`);

describe('the tables', () => {
  it.each(['Jobs', 'Tasks'] as const)(
    '%s: on demand, restorable, protected, with our key',
    (name) => {
      const { Properties, DeletionPolicy } = table(name);
      const [replica] = Properties.Replicas;

      expect(Properties.BillingMode).toBe('PAY_PER_REQUEST');
      expect(Properties.SSESpecification).toEqual({ SSEEnabled: true, SSEType: 'KMS' });
      expect(replica.SSESpecification.KMSMasterKeyId).toBeDefined();
      expect(replica.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled).toBe(true);
      expect(replica.DeletionProtectionEnabled).toBe(true);
      expect(DeletionPolicy).toBe('Retain');
    },
  );

  it.each(['Jobs', 'Tasks'] as const)(
    '%s: the keys and indexes that the store asks for',
    (name) => {
      const { Properties } = table(name);
      const shape = tableShape(name === 'Jobs' ? 'jobs' : 'tasks');
      const key = (hash: string, range: string) => [
        { AttributeName: hash, KeyType: 'HASH' },
        { AttributeName: range, KeyType: 'RANGE' },
      ];

      expect(Properties.KeySchema).toEqual(key('pk', 'sk'));
      const indexes = Object.entries(INDEXES).filter(
        ([, { table: of }]) => of === name.toLowerCase(),
      );
      expect(Properties.GlobalSecondaryIndexes).toEqual(
        indexes.map(([IndexName, { hash, range }]) => ({
          IndexName,
          KeySchema: key(hash, range),
          Projection: { ProjectionType: 'KEYS_ONLY' },
        })),
      );
      const types = Properties.AttributeDefinitions.map(
        (attribute: { AttributeName: string; AttributeType: string }) => [
          attribute.AttributeName,
          attribute.AttributeType,
        ],
      );
      const wanted = [shape, ...shape.indexes].flatMap(({ hash, range }) => [hash, range]);
      expect(new Map(types)).toEqual(
        new Map(wanted.map((attribute) => [attribute.name, attribute.type])),
      );
    },
  );

  it('stream what was written, and only tasks expire', () => {
    expect(table('Tasks').Properties.StreamSpecification).toEqual({ StreamViewType: 'NEW_IMAGE' });
    expect(table('Tasks').Properties.TimeToLiveSpecification).toEqual({
      AttributeName: 'expiresAt',
      Enabled: true,
    });
    expect(table('Jobs').Properties.StreamSpecification).toEqual({ StreamViewType: 'NEW_IMAGE' });
    expect(table('Jobs').Properties.TimeToLiveSpecification).toBeUndefined();
  });

  it('of a first try leave nothing behind', () => {
    const example = Template.fromStack(exampleStack());
    const tables = example.findResources('AWS::DynamoDB::GlobalTable');

    expect(Object.values(tables).map(({ DeletionPolicy }) => DeletionPolicy)).toEqual([
      'Delete',
      'Delete',
    ]);
  });
});
