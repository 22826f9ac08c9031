import { readFileSync } from 'node:fs';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { METRICS } from '#shared/observe/metric-names.ts';
import { existingStack, resourceOf, resourcesOf } from '../support/stacks.ts';

const stack = existingStack();
const template = Template.fromStack(stack);
const alarms = Object.keys(stack.routineLoad.alarms.all);
const properties = (name: string) =>
  resourceOf(template, 'AWS::CloudWatch::Alarm', `Alarms${name}`).Properties;

describe('the alarms', () => {
  it('cover jobs, functions, queues and tables', () => {
    expect(alarms).toEqual([
      'SchedulerStopped',
      'JobsStalled',
      'JobsLagging',
      'RetentionNear',
      'JobsInDoubt',
      'JobsHeld',
      'JobsRetrying',
      'JobsSkipped',
      'JobsLeft',
      'JobsFailed',
      'SchedulerErrors',
      'SchedulerThrottled',
      'LoaderErrors',
      'LoaderThrottled',
      'ApiErrors',
      'ApiThrottled',
      'SchedulerDeadLetters',
      'LoaderDeadLetters',
      'DispatchDeadLetters',
      'HistoryEventsDeadLetters',
      'TablesThrottled',
    ]);
  });

  it.each(alarms)(
    '%s tells somebody, says what is wrong, and has an entry in the runbook',
    (name) => {
      const { AlarmActions, AlarmDescription } = properties(name);

      expect(AlarmActions).toHaveLength(1);
      const [, impact, entry] = AlarmDescription.match(
        /^(.+\.) What to do: docs\/runbook\.md#(\w+)$/,
      );
      expect(impact.length).toBeGreaterThan(40);
      const headings = readFileSync('docs/runbook.md', 'utf8').matchAll(/^### (.+)$/gm);
      expect([...headings].map(([, heading]) => heading?.toLowerCase())).toContain(entry);
    },
  );

  it('ring when the scheduler is silent, and for nothing else that is missing', () => {
    const missing = alarms.map((name) => [name, properties(name).TreatMissingData]);

    expect(missing.filter(([, treatment]) => treatment === 'breaching')).toEqual([
      ['SchedulerStopped', 'breaching'],
    ]);
  });

  it('ring when retention comes near, and not while nobody knows', () => {
    expect(properties('RetentionNear')).toMatchObject({
      ComparisonOperator: 'LessThanThreshold',
      Statistic: 'Minimum',
      Threshold: 6,
      TreatMissingData: 'notBreaching',
    });
  });

  it('look at metrics that the functions emit, in the installation’s own namespace', () => {
    const namespace = resourceOf(template, 'AWS::Lambda::Function', 'LoaderTask').Properties
      .Environment.Variables.METRICS_NAMESPACE;
    const ours = Object.values(resourcesOf(template, 'AWS::CloudWatch::Alarm'))
      .map(({ Properties }) => Properties)
      .filter(({ Namespace }) => Namespace?.startsWith('RoutineLoad/'));

    expect(ours).toHaveLength(10);
    for (const { Namespace, MetricName, Dimensions } of ours) {
      expect(Namespace).toBe(namespace);
      const { service } = METRICS[MetricName as keyof typeof METRICS];
      expect(Dimensions).toEqual([{ Name: 'service', Value: service }]);
    }
  });

  it('ring for requests that are answered as failures, which Lambda takes for successes', () => {
    const { Namespace, MetricName, Dimensions, Statistic } = properties('ApiErrors');

    expect([Namespace, MetricName, Statistic]).toEqual(['AWS/ApiGateway', '5xx', 'Sum']);
    expect(Dimensions.map(({ Name }: { Name: string }) => Name)).toEqual(['ApiId', 'Stage']);
  });

  it('are encrypted on their way', () => {
    const topic = Object.values(resourcesOf(template, 'AWS::SNS::Topic'))[0];

    expect(topic?.Properties.KmsMasterKeyId).toBeDefined();
  });

  it('reach the topic, whose policy lets CloudWatch in', () => {
    const [policy] = Object.values(resourcesOf(template, 'AWS::SNS::TopicPolicy'));

    expect(policy?.Properties.PolicyDocument.Statement).toContainEqual(
      expect.objectContaining({
        Effect: 'Allow',
        Action: 'sns:Publish',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
      }),
    );
  });
});

it('the dashboard shows what the runbook speaks of', () => {
  const [dashboard] = Object.values(resourcesOf(template, 'AWS::CloudWatch::Dashboard'));
  const body = JSON.stringify(dashboard?.Properties.DashboardBody);

  for (const name of [
    'LagRecords',
    'LagSeconds',
    'UnloadedAgeSeconds',
    'HoursUntilLoss',
    'CommitMs',
    'Rows',
    'TaskGbSeconds',
    'TaskReadUnits',
    'CycleWriteUnits',
  ]) {
    expect(body).toContain(name);
  }
});
