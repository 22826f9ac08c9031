import { Duration, Size } from 'aws-cdk-lib';
import type { IAccessPoint } from 'aws-cdk-lib/aws-efs';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { FileSystem, RecursiveLoop } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { CYCLE_MS } from '../settings/functions.ts';
import { BundledFunction, type FunctionSurroundings, type Placement } from './bundled-function.ts';
import { deadLetterQueue, sendTo } from './dead-letters.ts';

/** Where file destinations write in the loader; Lambda mounts below /mnt only. */
export const FILE_DIRECTORY = '/mnt/tables';

/** In /tmp jobs with a mapping keep a slice's rows, before and after it, and what the SQL engine spills. */
const SCRATCH = Size.gibibytes(4);

/** What the loader needs. */
export interface LoaderProps {
  readonly surroundings: FunctionSurroundings;
  readonly placement: Placement;
  readonly environment: Readonly<Record<string, string>>;
  readonly statements: readonly PolicyStatement[];
  /** Tasks that may be live at once. */
  readonly capacity: number;
  /** For file destinations. */
  readonly accessPoint?: IAccessPoint | undefined;
}

/**
 * The function that runs tasks.
 *
 * - Lambda never repeats an invocation: the lease and the scheduler are the retry, and know more.
 * - An event that found no room is thrown away when the scheduler would offer its task again anyway.
 * - Loaders start loaders through the table and the pipe, by design: Lambda's guard against loops would cut
 *   a busy lane's chain after some 16 hops.
 */
export class Loader extends Construct {
  readonly function: BundledFunction;
  /** Events of invocations that failed or found no room. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: LoaderProps) {
    super(scope, id);
    const { surroundings, placement, environment, statements, capacity, accessPoint } = props;
    this.deadLetters = deadLetterQueue(this, 'DeadLetters');
    this.function = new BundledFunction(this, 'Task', {
      name: 'loader',
      description: 'Routine Load: loads the tasks that the pipe names',
      surroundings,
      placement,
      environment,
      statements: [...statements, sendTo(this.deadLetters)],
      ephemeralStorageSize: SCRATCH,
      reservedConcurrentExecutions: capacity,
      retryAttempts: 0,
      maxEventAge: Duration.millis(2 * CYCLE_MS),
      recursiveLoop: RecursiveLoop.ALLOW,
      onFailure: new SqsDestination(this.deadLetters),
      ...(accessPoint && {
        filesystem: FileSystem.fromEfsAccessPoint(accessPoint, FILE_DIRECTORY),
      }),
    });
  }
}
