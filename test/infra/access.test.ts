import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { exampleStack, existingStack, resourcesOf } from '../support/stacks.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

const all = existingStack({
  buckets: ['my-tables'],
  secretsPrefix: 'AmazonMSK_routine-load/',
});
const templates = {
  RoutineLoad: Template.fromStack(all),
  RoutineLoadExample: Template.fromStack(exampleStack()),
};
const list = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

/** Every statement of every policy, with the logical id of the policy. */
function statements(template: Template): [string, Statement][] {
  return Object.entries(resourcesOf(template, 'AWS::IAM::ManagedPolicy')).flatMap(([id, policy]) =>
    (policy.Properties.PolicyDocument.Statement as Statement[]).map(
      (statement): [string, Statement] => [id, statement],
    ),
  );
}

const policyOf = (part: string) =>
  statements(templates.RoutineLoad).filter(([id]) => id.includes(part));
const actionsOf = (part: string) =>
  policyOf(part).flatMap(([, statement]) => list(statement.Action));

describe('least privilege', () => {
  it.each(Object.entries(templates))('%s: no action is a pattern', (_name, template) => {
    const actions = statements(template).flatMap(([, { Action }]) => list(Action));

    expect(actions.filter((action) => action.includes('*'))).toEqual([]);
  });

  it.each(Object.entries(templates))(
    '%s: * is a resource only where AWS knows no other',
    (_name, template) => {
      const everywhere = statements(template)
        .filter(([, { Resource }]) => list(Resource).includes('*'))
        .flatMap(([, { Action }]) => list(Action));

      expect(everywhere.sort()).toEqual([
        'ec2:AssignPrivateIpAddresses',
        'ec2:CreateNetworkInterface',
        'ec2:DeleteNetworkInterface',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSubnets',
        'ec2:UnassignPrivateIpAddresses',
        'xray:PutTelemetryRecords',
        'xray:PutTraceSegments',
      ]);
    },
  );

  it.each(Object.entries(templates))(
    '%s: every role is one part’s own, and no policy stands in a role',
    (_name, template) => {
      const roles = Object.values(resourcesOf(template, 'AWS::IAM::Role'));
      const functions = Object.values(resourcesOf(template, 'AWS::Lambda::Function'));

      expect(new Set(functions.map(({ Properties }) => JSON.stringify(Properties.Role))).size).toBe(
        3,
      );
      expect(roles.filter(({ Properties }) => Properties.Policies !== undefined)).toEqual([]);
      expect(resourcesOf(template, 'AWS::IAM::Policy')).toEqual({});
    },
  );

  it('the loader reads records and has no right on groups; the scheduler only looks', () => {
    const kafka = (part: string) =>
      actionsOf(part).filter((action) => action.startsWith('kafka-cluster:'));

    expect(kafka('LoaderTask').sort()).toEqual([
      'kafka-cluster:Connect',
      'kafka-cluster:DescribeTopic',
      'kafka-cluster:ReadData',
    ]);
    expect(kafka('SchedulerCycle').sort()).toEqual([
      'kafka-cluster:Connect',
      'kafka-cluster:DescribeCluster',
      'kafka-cluster:DescribeTopic',
      'kafka-cluster:DescribeTopicDynamicConfiguration',
    ]);
    expect(kafka('ApiJobs')).toEqual([]);
  });

  it('rights on topics are those of the cluster', () => {
    const reads = policyOf('LoaderTask').find(([, { Action }]) =>
      list(Action).includes('kafka-cluster:ReadData'),
    );

    expect(reads?.[1].Resource).toBe(
      'arn:aws:kafka:us-east-1:111111111111:topic/demo/0a1b2c3d-2/*',
    );
  });

  it('nobody can delete or change a table', () => {
    const actions = statements(templates.RoutineLoad).flatMap(([, { Action }]) => list(Action));

    expect(actions.filter((action) => /^dynamodb:.*Table|Scan|Backup/.test(action))).toEqual([]);
  });

  it('secrets are read under the prefix, with the tag, and by those that talk to Kafka', () => {
    const reads = statements(templates.RoutineLoad).filter(([, { Action }]) =>
      list(Action).includes('secretsmanager:GetSecretValue'),
    );

    expect(reads).toHaveLength(2);
    for (const [id, { Resource, Condition }] of reads) {
      expect(id).toMatch(/SchedulerCycle|LoaderTask/);
      expect(JSON.stringify(Resource)).toContain(':secret:AmazonMSK_routine-load/*');
      expect(Condition).toEqual({
        StringEquals: { 'secretsmanager:ResourceTag/routine-load': 'allowed' },
      });
    }
  });

  it('secrets and buckets that are encrypted with keys of the installer’s can be used', () => {
    const [logins, tables] = ['logins', 'tables'].map(
      (name) => `arn:aws:kms:us-east-1:111111111111:key/${name}`,
    );
    const keyed = existingStack({
      secretsPrefix: 'AmazonMSK_',
      secretsKeyArns: [logins!],
      buckets: [{ name: 'my-tables', keyArn: tables }],
    });
    const uses = statements(Template.fromStack(keyed)).map(
      ([id, { Action, Resource, Condition }]) => ({
        part: /LoaderTask|SchedulerCycle|ApiJobs/.exec(id)?.[0],
        actions: list(Action),
        key: Resource,
        by: JSON.stringify(Condition),
      }),
    );
    const usesOf = (key: string) => uses.filter((use) => use.key === key);

    expect(usesOf(logins!).map(({ part }) => part)).toEqual(
      expect.arrayContaining(['LoaderTask', 'SchedulerCycle']),
    );
    expect(usesOf(logins!)).toHaveLength(2);
    for (const { actions, by } of usesOf(logins!)) {
      expect(actions).toEqual(['kms:Decrypt']);
      expect(by).toContain('secretsmanager.us-east-1');
    }
    expect(usesOf(tables!)).toEqual([
      {
        part: 'LoaderTask',
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        key: tables,
        by: expect.stringContaining('s3.us-east-1'),
      },
    ]);
  });

  it('a loader adds to buckets and deletes nothing', () => {
    const s3 = actionsOf('LoaderTask').filter((action) => action.startsWith('s3:'));

    expect(s3).toContain('s3:PutObject');
    expect(s3.filter((action) => action.includes('Delete'))).toEqual([]);
  });

  it('keys are used through the service that they are for', () => {
    const uses = statements(templates.RoutineLoad).filter(([, { Action }]) =>
      list(Action).some((action) => action.startsWith('kms:')),
    );

    expect(uses.length).toBeGreaterThan(0);
    for (const [, { Condition }] of uses)
      expect(Condition).toHaveProperty('StringEquals.kms:ViaService');
  });
});
