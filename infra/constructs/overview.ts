import { Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  LogQueryVisualizationType,
  LogQueryWidget,
  MathExpression,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { MetricName } from '#shared/observe/metric-names.ts';
import { FUNCTION_LIMITS } from '../settings/functions.ts';
import type { Alarms } from './alarms.ts';
import type { Loader } from './loader.ts';
import type { Measured } from './measured.ts';
import type { Tables } from './tables.ts';

/** What the dashboard shows. */
export interface OverviewProps {
  readonly measured: Measured;
  readonly tables: Tables;
  readonly loader: Loader;
  readonly alarms: Alarms;
}

const PERIOD = Duration.minutes(1);
const WIDE = 24;
const HALF = 12;

/** A page of graphs: is anything wrong, how far behind, how fast, at what cost. */
export function overviewDashboard(scope: Construct, id: string, props: OverviewProps): Dashboard {
  const { measured, alarms } = props;
  const metric = (name: MetricName, statistic: string, label?: string) =>
    measured.metric(name, { statistic, period: PERIOD, ...(label && { label }) });
  const graph = (title: string, ...left: IMetric[]) =>
    new GraphWidget({ title, left, width: HALF, leftYAxis: { min: 0 } });
  return new Dashboard(scope, id, {
    defaultInterval: Duration.hours(6),
    widgets: [
      [new AlarmStatusWidget({ title: 'Alarms', alarms: Object.values(alarms.all), width: WIDE })],
      [
        graph('Lag of the worst job (records)', metric('LagRecords', Stats.MAXIMUM)),
        graph(
          'Lag of the worst job (s)',
          metric('LagSeconds', Stats.MAXIMUM, 'longest wait of a lane with lag'),
          metric('UnloadedAgeSeconds', Stats.MAXIMUM, 'age of the oldest record to load'),
        ),
      ],
      [
        graph('Rows a second', rate(measured, 'Rows')),
        graph('Bytes a second', rate(measured, 'Bytes')),
      ],
      [
        graph(
          'Tasks',
          metric('TasksDone', Stats.SUM, 'done'),
          metric('TasksFailed', Stats.SUM, 'failed attempts'),
          metric('RowsRejected', Stats.SUM, 'bad rows'),
        ),
        graph(
          'Time of a task and of its commit (ms)',
          metric('TaskMs', Stats.p(50), 'task p50'),
          metric('TaskMs', Stats.p(99), 'task p99'),
          metric('CommitMs', Stats.p(99), 'commit p99'),
        ),
      ],
      [
        graph(
          'Jobs',
          metric('JobsVisited', Stats.MAXIMUM, 'looked at'),
          metric('JobsStalled', Stats.MAXIMUM, 'stalled'),
          metric('JobsSkipped', Stats.MAXIMUM, 'without room'),
          metric('JobsInDoubt', Stats.MAXIMUM, 'in doubt'),
          metric('JobsHeld', Stats.MAXIMUM, 'paused until a person acts'),
          metric('JobsRetrying', Stats.MAXIMUM, 'trying again'),
        ),
        graph(
          'Hours until retention overtakes a job',
          measured.metric('HoursUntilLoss', {
            statistic: Stats.MINIMUM,
            period: Duration.minutes(15),
          }),
        ),
      ],
      costs(props),
      [costsOfJobs(props)],
    ],
  });
}

function rate(measured: Measured, name: 'Rows' | 'Bytes'): MathExpression {
  return new MathExpression({
    label: name.toLowerCase(),
    expression: 'FILL(m,0)/PERIOD(m)',
    usingMetrics: { m: measured.metric(name, { period: PERIOD }) },
    period: PERIOD,
  });
}

/**
 * What money is spent on in an hour, as AWS counts it and as the tasks' own counts have it. They differ by cycles,
 * requests, refused writes and what an invocation does around its tasks.
 */
function costs({ tables, loader, measured }: OverviewProps): GraphWidget[] {
  const hour = Duration.hours(1);
  const consumed = (unit: 'Read' | 'Write') => {
    const of = (table: Tables['jobs']) =>
      table.metric(`Consumed${unit}CapacityUnits`, { statistic: Stats.SUM, period: hour });
    const [jobs, tasks] = [`jobs${unit}`, `tasks${unit}`];
    return new MathExpression({
      label: `${unit.toLowerCase()} units`,
      expression: `FILL(${jobs},0)+FILL(${tasks},0)`,
      usingMetrics: { [jobs]: of(tables.jobs), [tasks]: of(tables.tasks) },
      period: hour,
    });
  };
  const told = (name: MetricName, label: string) => measured.metric(name, { period: hour, label });
  const gbSeconds = new MathExpression({
    label: 'invocations',
    expression: `d/1000*${FUNCTION_LIMITS.loader.memoryMb / 1024}`,
    usingMetrics: {
      d: loader.function.lambda.metricDuration({ statistic: Stats.SUM, period: hour }),
    },
    period: hour,
  });
  return [
    new GraphWidget({
      title: 'Loader GB-s an hour',
      left: [gbSeconds, told('TaskGbSeconds', 'tasks')],
      width: HALF,
    }),
    new GraphWidget({
      title: 'DynamoDB units an hour',
      left: [
        consumed('Read'),
        consumed('Write'),
        told('TaskReadUnits', 'of tasks, read'),
        told('TaskWriteUnits', 'of tasks, write'),
        told('CycleReadUnits', 'of cycles, read'),
        told('CycleWriteUnits', 'of cycles, write'),
      ],
      width: HALF,
    }),
  ];
}

/** Out of the log lines, which name their job: a metric for each job would be paid for by the month. */
function costsOfJobs({ loader }: OverviewProps): LogQueryWidget {
  return new LogQueryWidget({
    title: 'What each job cost',
    view: LogQueryVisualizationType.TABLE,
    logGroupNames: [loader.function.logGroup.logGroupName],
    queryLines: [
      'filter ispresent(TaskGbSeconds)',
      'stats sum(TaskGbSeconds) as gbSeconds, sum(TaskReadUnits) as readUnits, sum(TaskWriteUnits) as writeUnits, sum(Bytes)/1e9 as gb by job',
      'sort gbSeconds desc',
      'limit 50',
    ],
    width: WIDE,
  });
}
