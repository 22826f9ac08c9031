import { Names } from 'aws-cdk-lib';
import { Metric, type MetricOptions, Stats, Unit } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { METRICS, type MetricName } from '#shared/observe/metric-names.ts';

const UNITS = {
  Count: Unit.COUNT,
  Seconds: Unit.SECONDS,
  Milliseconds: Unit.MILLISECONDS,
  Bytes: Unit.BYTES,
  None: Unit.NONE,
} as const;

/** What the functions measure, as CloudWatch has it. */
export class Measured {
  /** Each installation has a namespace of its own, so that two in one account are told apart. */
  readonly namespace: string;

  constructor(scope: Construct) {
    this.namespace = `RoutineLoad/${Names.uniqueResourceName(scope, { maxLength: 100 })}`;
  }

  /** What the functions must know to emit. */
  get environment(): Record<string, string> {
    return { METRICS_NAMESPACE: this.namespace };
  }

  /** A metric over the whole installation. */
  metric(name: MetricName, options: MetricOptions = {}): Metric {
    const { service, unit } = METRICS[name];
    return new Metric({
      statistic: Stats.SUM,
      ...options,
      namespace: this.namespace,
      metricName: name,
      unit: UNITS[unit],
      dimensionsMap: { service },
    });
  }
}
