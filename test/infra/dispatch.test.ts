import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { eventFilter } from '../../infra/local/event-pattern.ts';
import { existingStack, resourceOf } from '../support/stacks.ts';

const template = Template.fromStack(existingStack());
const pipe = (part: string) => resourceOf(template, 'AWS::Pipes::Pipe', part).Properties;
const filters = (part: string): { Pattern: string }[] =>
  pipe(part).SourceParameters.FilterCriteria.Filters;

describe('the pipe to the loader', () => {
  it('lets through what the local pipe lets through: tasks that wait', () => {
    const passes = eventFilter({ Filters: filters('Dispatch') });
    const record = (eventName: string, status: string) => ({
      eventName,
      dynamodb: { NewImage: { status: { S: status } } },
    });

    expect(passes(record('INSERT', 'PENDING'))).toBe(true);
    expect(passes(record('MODIFY', 'PENDING'))).toBe(true);
    expect(passes(record('MODIFY', 'RUNNING'))).toBe(false);
    expect(passes({ eventName: 'REMOVE', dynamodb: {} })).toBe(false);
  });

  it('begins at the oldest record, hands over one at a time, and gives up early', () => {
    expect(pipe('Dispatch').SourceParameters.DynamoDBStreamParameters).toMatchObject({
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 1,
      MaximumRetryAttempts: 3,
      MaximumRecordAgeInSeconds: 300,
      DeadLetterConfig: { Arn: expect.anything() },
    });
  });

  it('tells a loader the keys of its task, since an event has less room than a task', () => {
    expect(pipe('Dispatch').TargetParameters.InputTemplate).toBe(
      '{"dynamodb": {"Keys": <$.dynamodb.Keys>}}',
    );
  });

  it('does not wait for loaders', () => {
    expect(pipe('Dispatch').TargetParameters.LambdaFunctionParameters).toEqual({
      InvocationType: 'FIRE_AND_FORGET',
    });
  });
});

describe('the events of jobs', () => {
  it('come from new history entries alone, each with what happened', () => {
    expect(filters('HistoryEvents').map(({ Pattern }) => JSON.parse(Pattern))).toEqual([
      {
        eventName: ['INSERT'],
        dynamodb: {
          Keys: { sk: { S: [{ prefix: 'HISTORY#' }] } },
          NewImage: {
            kind: { S: ['state', 'spec', 'offsets', 'task', 'redrive', 'stall', 'types'] },
          },
        },
      },
    ]);
    const { TargetParameters } = pipe('HistoryEvents');
    expect(TargetParameters.EventBridgeEventBusParameters).toEqual({
      Source: 'routine-load',
      DetailType: 'Routine Load job history',
    });
    // With each place filled in, the template must be JSON.
    const filled = TargetParameters.InputTemplate.replace(/<\$[^>]+>/g, '"x"');
    expect(Object.keys(JSON.parse(filled))).toEqual([
      'job',
      'at',
      'kind',
      'code',
      'message',
      'entry',
    ]);
  });
});

describe('the schedule', () => {
  it('starts a cycle every minute, on the minute, and never late', () => {
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'rate(1 minute)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      KmsKeyArn: Match.anyValue(),
      Target: {
        DeadLetterConfig: { Arn: Match.anyValue() },
        RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
      },
    });
  });
});
