import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Installation } from '../installation.ts';
import type { Meter } from './meter.ts';
import { METRICS, type MetricName } from './metric-names.ts';

const UNITS = {
  Count: MetricUnit.Count,
  Seconds: MetricUnit.Seconds,
  Milliseconds: MetricUnit.Milliseconds,
  Bytes: MetricUnit.Bytes,
  None: MetricUnit.NoUnit,
} as const;

/**
 * A meter that writes each measurement as one line of CloudWatch's embedded metric format: a metric and a
 * searchable log line at once, and no call to any service. Without a namespace it writes nothing.
 *
 * What it is about stands in the line always, and becomes a dimension only with METRICS_PER_JOB: each job
 * then has metrics of its own, and each of those is paid for by the month.
 */
export function makeMeter(
  serviceName: 'scheduler' | 'loader',
  config: Pick<Installation, 'METRICS_NAMESPACE' | 'METRICS_PER_JOB'>,
): Meter {
  const { METRICS_NAMESPACE: namespace, METRICS_PER_JOB: perJob } = config;
  if (namespace === undefined) return () => undefined;
  return (values, about) => {
    // One for each line: several tasks may be measured at once.
    const metrics = new Metrics({ namespace, serviceName });
    for (const [name, value] of Object.entries(values) as [MetricName, number][]) {
      metrics.addMetric(name, UNITS[METRICS[name].unit], value);
    }
    if (about) {
      // An empty set beside it: the installation's own metrics must not miss what is a job's.
      if (perJob) metrics.addDimensions({}).addDimensions({ job: about.job });
      else metrics.addMetadata('job', about.job);
      metrics.addMetadata('jobId', about.jobId);
      if (about.taskId) metrics.addMetadata('taskId', about.taskId);
    }
    metrics.publishStoredMetrics();
  };
}
