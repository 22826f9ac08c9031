import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnPipe } from 'aws-cdk-lib/aws-pipes';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import {
  PIPE_BATCH_SIZE,
  PIPE_FILTER_CRITERIA,
  PIPE_INPUT_TEMPLATE,
  PIPE_INVOCATION_TYPE,
  PIPE_MAX_RECORD_AGE_S,
  PIPE_MAX_RETRIES,
  PIPE_STARTING_POSITION,
} from '../settings/dispatch.ts';
import { deadLetterQueue, sendTo } from './dead-letters.ts';
import { pipeRole, streamArnOf, streamStatements } from './pipe-parts.ts';

/** What the dispatch connects. */
export interface DispatchProps {
  readonly tasks: TableV2;
  readonly loader: IFunction;
  readonly key: IKey;
}

/**
 * EventBridge Pipe from the Tasks stream to the loader, one asynchronous invocation per task that waits.
 *
 * A loader runs for minutes: invoked by the stream itself it would hold its shard, and all tasks hashed
 * behind it. The pipe only hands over and goes on.
 */
export class Dispatch extends Construct {
  readonly pipe: CfnPipe;
  /** Records that could not be handed over. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { tasks, loader, key }: DispatchProps) {
    super(scope, id);
    this.deadLetters = deadLetterQueue(this, 'DeadLetters');
    const role = pipeRole(this, 'Role', [
      ...streamStatements(tasks, key),
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: [loader.functionArn],
      }),
      sendTo(this.deadLetters),
    ]);
    this.pipe = new CfnPipe(this, 'Pipe', {
      description: 'Routine Load: starts a loader for every task that waits',
      roleArn: role.roleArn,
      source: streamArnOf(tasks),
      sourceParameters: {
        filterCriteria: {
          filters: PIPE_FILTER_CRITERIA.Filters.map(({ Pattern }) => ({ pattern: Pattern })),
        },
        dynamoDbStreamParameters: {
          startingPosition: PIPE_STARTING_POSITION,
          batchSize: PIPE_BATCH_SIZE,
          maximumRetryAttempts: PIPE_MAX_RETRIES,
          maximumRecordAgeInSeconds: PIPE_MAX_RECORD_AGE_S,
          deadLetterConfig: { arn: this.deadLetters.queueArn },
        },
      },
      target: loader.functionArn,
      targetParameters: {
        lambdaFunctionParameters: { invocationType: PIPE_INVOCATION_TYPE },
        inputTemplate: PIPE_INPUT_TEMPLATE,
      },
    });
  }
}
