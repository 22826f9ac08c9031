import { Duration, Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { Schedule, ScheduleExpression, ScheduleGroup, TimeWindow } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { CYCLE_MS, SCHEDULER_CONCURRENCY } from '../settings/functions.ts';
import { BundledFunction, type FunctionSurroundings, type Placement } from './bundled-function.ts';
import { deadLetterQueue, sendTo } from './dead-letters.ts';
import { keyThrough } from './encryption.ts';

/** What the scheduler needs. */
export interface SchedulerProps {
  readonly surroundings: FunctionSurroundings;
  readonly placement: Placement;
  readonly environment: Readonly<Record<string, string>>;
  readonly statements: readonly PolicyStatement[];
}

/** A late cycle is worth nothing: the next one sees the same. */
const CYCLE_MAX_AGE = Duration.minutes(1);

/** EventBridge Scheduler, every minute, and the function that runs a cycle. */
export class Scheduler extends Construct {
  readonly function: BundledFunction;
  /** Cycles that were started too late or failed. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: SchedulerProps) {
    super(scope, id);
    const { surroundings, placement, environment, statements } = props;
    this.deadLetters = deadLetterQueue(this, 'DeadLetters');
    this.function = new BundledFunction(this, 'Cycle', {
      name: 'scheduler',
      description: 'Routine Load: one scheduling cycle',
      surroundings,
      placement,
      environment: { ...environment, CYCLE_MS: String(CYCLE_MS) },
      statements: [...statements, sendTo(this.deadLetters)],
      reservedConcurrentExecutions: SCHEDULER_CONCURRENCY,
      retryAttempts: 0,
      maxEventAge: CYCLE_MAX_AGE,
      onFailure: new SqsDestination(this.deadLetters),
    });
    this.#schedule(surroundings);
  }

  #schedule({ key }: FunctionSurroundings): void {
    const { lambda } = this.function;
    const group = new ScheduleGroup(this, 'Group');
    const role = new Role(this, 'ScheduleRole', {
      // EventBridge Scheduler acts for this account's schedule group alone: no confused deputy.
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: {
            'aws:SourceAccount': Stack.of(this).account,
            'aws:SourceArn': group.scheduleGroupArn,
          },
        },
      }),
      managedPolicies: [
        new ManagedPolicy(this, 'SchedulePermissions', {
          statements: [
            new PolicyStatement({
              actions: ['lambda:InvokeFunction'],
              resources: [lambda.functionArn],
            }),
            sendTo(this.deadLetters),
            keyThrough('scheduler', key, ['Decrypt']),
          ],
        }),
      ],
    });
    new Schedule(this, 'EveryMinute', {
      description: 'Routine Load: starts a scheduling cycle',
      schedule: ScheduleExpression.rate(Duration.millis(CYCLE_MS)),
      timeWindow: TimeWindow.off(),
      scheduleGroup: group,
      key,
      target: new LambdaInvoke(lambda, {
        role: role.withoutPolicyUpdates(),
        deadLetterQueue: this.deadLetters,
        maxEventAge: CYCLE_MAX_AGE,
        retryAttempts: 0,
      }),
    });
  }
}
