import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnPipe } from 'aws-cdk-lib/aws-pipes';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { HISTORY_KINDS } from '#shared/domain/job.ts';
import { deadLetterQueue, sendTo } from './dead-letters.ts';
import { pipeRole, streamArnOf, streamStatements } from './pipe-parts.ts';

/** What rules on the bus match: `source`, `detail-type`. */
export const EVENT_SOURCE = 'routine-load';
/** See {@link EVENT_SOURCE}. */
export const EVENT_TYPE = 'Routine Load job history';

/** What policies did to single records is no event: a compacted topic has such an entry with every slice. */
const TOLD = HISTORY_KINDS.filter((kind) => kind !== 'policy');

/** Entries of jobs' histories are written once and never changed. */
const NEW_HISTORY_ENTRY = {
  eventName: ['INSERT'],
  dynamodb: {
    Keys: { sk: { S: [{ prefix: 'HISTORY#' }] } },
    NewImage: { kind: { S: TOLD } },
  },
};

/**
 * `entry` is the history item as DynamoDB writes it. The fields beside it are those that every entry has:
 * what a template does with a field that is missing is not for us to rely on.
 */
const DETAIL = [
  '{"job": <$.dynamodb.NewImage.pk.S>',
  '"at": <$.dynamodb.NewImage.at.N>',
  '"kind": <$.dynamodb.NewImage.kind.S>',
  '"code": <$.dynamodb.NewImage.reason.M.code.S>',
  '"message": <$.dynamodb.NewImage.reason.M.message.S>',
  '"entry": <$.dynamodb.NewImage>}',
].join(', ');

/** What the events come from and go to. */
export interface HistoryEventsProps {
  readonly jobs: TableV2;
  readonly key: IKey;
  readonly bus: IEventBus;
}

/**
 * An event on the bus for whatever happens to a job: changes of its state and its specification, jumps of its
 * offsets, stalls and recoveries, redrives.
 *
 * They come from the Jobs table's stream: the history entry is written in the same transaction as the change,
 * so that no change is without its event, whoever made it and whatever died then. Each is delivered at least
 * once, within a day or into the dead letter queue.
 */
export class HistoryEvents extends Construct {
  readonly pipe: CfnPipe;
  /** Entries that no event could be made of. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { jobs, key, bus }: HistoryEventsProps) {
    super(scope, id);
    this.deadLetters = deadLetterQueue(this, 'DeadLetters');
    const role = pipeRole(this, 'Role', [
      ...streamStatements(jobs, key),
      new PolicyStatement({ actions: ['events:PutEvents'], resources: [bus.eventBusArn] }),
      sendTo(this.deadLetters),
    ]);
    this.pipe = new CfnPipe(this, 'Pipe', {
      description: 'Routine Load: an event for every entry of a job history',
      roleArn: role.roleArn,
      source: streamArnOf(jobs),
      sourceParameters: {
        filterCriteria: { filters: [{ pattern: JSON.stringify(NEW_HISTORY_ENTRY) }] },
        dynamoDbStreamParameters: {
          startingPosition: 'TRIM_HORIZON',
          batchSize: 10,
          maximumBatchingWindowInSeconds: 1,
          onPartialBatchItemFailure: 'AUTOMATIC_BISECT',
          maximumRetryAttempts: 100,
          deadLetterConfig: { arn: this.deadLetters.queueArn },
        },
      },
      target: bus.eventBusArn,
      targetParameters: {
        eventBridgeEventBusParameters: { source: EVENT_SOURCE, detailType: EVENT_TYPE },
        inputTemplate: DETAIL,
      },
    });
  }
}
