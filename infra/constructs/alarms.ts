import { Duration, Stack } from 'aws-cdk-lib';
import type { IHttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { BundledFunction } from './bundled-function.ts';
import type { Measured } from './measured.ts';
import type { Tables } from './tables.ts';

/** Who is told, and from when on. */
export interface AlarmsOptions {
  /** @default a new topic, encrypted with the installation's key; subscribe to `alarms.topic` */
  readonly topic?: ITopic | undefined;
  /** Records of one job that may be unloaded for a quarter of an hour. @default 1000000 */
  readonly lagRecords?: number | undefined;
  /** Hours before a record that is not loaded may be deleted for its age. @default 6 */
  readonly hoursUntilLoss?: number | undefined;
}

/** A part with a function, and the queue of what it failed at. */
interface Watched {
  readonly function: BundledFunction;
  readonly deadLetters: Queue;
}

/** What is watched. */
export interface AlarmsProps extends AlarmsOptions {
  readonly measured: Measured;
  readonly key: IKey;
  readonly tables: Tables;
  readonly scheduler: Watched;
  readonly loader: Watched;
  readonly api: Pick<Watched, 'function'> & { readonly stage: IHttpStage };
  readonly dispatch: Pick<Watched, 'deadLetters'>;
  readonly historyEvents: Pick<Watched, 'deadLetters'>;
}

/** One alarm. `impact` says in a sentence what is wrong for the users; the runbook has an entry of this name. */
interface Watch {
  readonly impact: string;
  readonly metric: IMetric;
  /** @default 1: any at all */
  readonly threshold?: number;
  /** Periods in a row. @default 1 */
  readonly periods?: number;
  /** Alarms when there are fewer than the threshold, or no data. */
  readonly absence?: boolean;
  /** Alarms when the value is below the threshold; no data is well. */
  readonly below?: boolean;
}

const MINUTE = Duration.minutes(1);
const FIVE_MINUTES = Duration.minutes(5);
const QUARTER = Duration.minutes(15);
const RUNBOOK = 'docs/runbook.md';

/** The alarms, by the name of their entry in the runbook, and the topic that they tell. */
export class Alarms extends Construct {
  readonly topic: ITopic;
  readonly all: Readonly<Record<string, Alarm>>;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.topic = props.topic ?? alarmTopic(this, 'Topic', props.key);
    const watches = {
      ...jobWatches(props),
      ...functionWatches(props),
      ...deadLetterWatches(props),
      TablesThrottled: tableWatch(props.tables),
    };
    const action = new SnsAction(this.topic);
    this.all = Object.fromEntries(
      Object.entries(watches).map(([name, watch]) => {
        const alarm = this.#alarm(name, watch);
        alarm.addAlarmAction(action);
        return [name, alarm];
      }),
    );
  }

  #alarm(name: string, watch: Watch): Alarm {
    const { impact, metric, threshold = 1, periods = 1, absence, below = absence } = watch;
    return new Alarm(this, name, {
      alarmDescription: `${impact} What to do: ${RUNBOOK}#${name.toLowerCase()}`,
      metric,
      threshold,
      evaluationPeriods: periods,
      comparisonOperator: below
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: absence ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
  }
}

/** A policy of a topic replaces the one that it is born with, which let CloudWatch in. */
function alarmTopic(scope: Construct, id: string, key: IKey): Topic {
  const topic = new Topic(scope, id, { masterKey: key, enforceSSL: true });
  topic.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
  );
  return topic;
}

function jobWatches({
  measured,
  lagRecords = 1_000_000,
  hoursUntilLoss = 6,
}: AlarmsProps): Record<string, Watch> {
  return {
    SchedulerStopped: {
      impact: 'No scheduling cycle ended in five minutes: jobs get no new tasks and do not resume.',
      metric: measured.metric('Cycles', { period: FIVE_MINUTES }),
      absence: true,
    },
    JobsStalled: {
      impact: 'A job says RUNNING and loads nothing, so its table falls behind.',
      metric: measured.metric('JobsStalled', { period: MINUTE, statistic: Stats.MAXIMUM }),
      periods: 5,
    },
    JobsLagging: {
      impact: 'A job has been far behind its topic for a quarter of an hour; its table is stale.',
      metric: measured.metric('LagRecords', { period: FIVE_MINUTES, statistic: Stats.MAXIMUM }),
      threshold: lagRecords,
      periods: 3,
    },
    RetentionNear: {
      impact: 'Kafka will soon delete records that a job has not loaded; they are lost then.',
      metric: measured.metric('HoursUntilLoss', { period: QUARTER, statistic: Stats.MINIMUM }),
      threshold: hoursUntilLoss,
      below: true,
    },
    JobsInDoubt: {
      impact: 'The destination forgot whether a slice was committed; its job waits for a person.',
      metric: measured.metric('JobsInDoubt', { period: MINUTE, statistic: Stats.MAXIMUM }),
    },
    JobsHeld: {
      impact: 'A problem has paused a job until a person acts; its table gets no new rows.',
      metric: measured.metric('JobsHeld', { period: MINUTE, statistic: Stats.MAXIMUM }),
    },
    JobsRetrying: {
      impact:
        'A job has paused and resumed by itself for half an hour; it loads little or nothing.',
      // Between two tries there are five minutes at most, and the cycle that comes late for them.
      metric: measured.metric('JobsRetrying', { period: QUARTER, statistic: Stats.MAXIMUM }),
      periods: 2,
    },
    JobsSkipped: {
      impact: 'Jobs have waited for room for a quarter of an hour; the capacity is too small.',
      metric: measured.metric('JobsSkipped', { period: FIVE_MINUTES, statistic: Stats.MINIMUM }),
      periods: 3,
    },
    JobsLeft: {
      impact:
        'Cycles have had no time for some jobs for a quarter of an hour: all jobs wait longer.',
      metric: measured.metric('JobsLeft', { period: FIVE_MINUTES, statistic: Stats.MINIMUM }),
      periods: 3,
    },
    JobsFailed: {
      impact: 'Cycles fail at a job again and again; it gets no new tasks.',
      metric: measured.metric('JobsFailed', { period: FIVE_MINUTES }),
      periods: 3,
    },
  };
}

function functionWatches({ scheduler, loader, api }: AlarmsProps): Record<string, Watch> {
  const functions = { Scheduler: scheduler, Loader: loader, Api: api };
  const impacts = {
    Scheduler: 'Cycles fail or run out of time: jobs get no new tasks.',
    Loader: 'Loaders die: their tasks are tried again only after their leases have run out.',
    Api: 'Requests are answered with errors: jobs cannot be seen or changed.',
  };
  const errors: Readonly<Record<keyof typeof functions, IMetric>> = {
    Scheduler: scheduler.function.lambda.metricErrors({ period: FIVE_MINUTES }),
    Loader: loader.function.lambda.metricErrors({ period: FIVE_MINUTES }),
    // Its function answers what fails by itself, so that Lambda counts no error: the gateway sees the status.
    Api: api.stage.metricServerError({ period: FIVE_MINUTES }),
  };
  const watches: Record<string, Watch> = {};
  for (const name of ['Scheduler', 'Loader', 'Api'] as const) {
    const { lambda } = functions[name].function;
    watches[`${name}Errors`] = {
      impact: impacts[name],
      metric: errors[name],
      periods: 2,
    };
    watches[`${name}Throttled`] = {
      impact: `Invocations of the ${name.toLowerCase()} are turned away, so that work waits.`,
      metric: lambda.metricThrottles({ period: FIVE_MINUTES }),
      periods: 2,
    };
  }
  return watches;
}

function deadLetterWatches(props: AlarmsProps): Record<string, Watch> {
  const parts = {
    Scheduler: props.scheduler,
    Loader: props.loader,
    Dispatch: props.dispatch,
    HistoryEvents: props.historyEvents,
  };
  const entries = Object.entries(parts).map(([name, { deadLetters }]): [string, Watch] => [
    `${name}DeadLetters`,
    {
      impact: `Something could not be delivered and was put aside (${name}); the tables know what is left to do.`,
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({
        period: FIVE_MINUTES,
        statistic: Stats.MAXIMUM,
      }),
    },
  ]);
  return Object.fromEntries(entries);
}

function tableWatch({ jobs, tasks }: Tables): Watch {
  const throttled = (id: string, table: Tables['jobs']) => ({
    [`${id}r`]: table.metric('ReadThrottleEvents', { period: QUARTER, statistic: Stats.SUM }),
    [`${id}w`]: table.metric('WriteThrottleEvents', { period: QUARTER, statistic: Stats.SUM }),
  });
  return {
    impact: 'DynamoDB turns requests away: tasks are slower, and leases may run out.',
    metric: new MathExpression({
      label: 'throttled requests',
      expression: 'FILL(jr,0)+FILL(jw,0)+FILL(tr,0)+FILL(tw,0)',
      usingMetrics: { ...throttled('j', jobs), ...throttled('t', tasks) },
      period: QUARTER,
    }),
    threshold: 10,
  };
}
