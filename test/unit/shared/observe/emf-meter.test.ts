import { expect, it } from 'vitest';
import type { Measured } from '#shared/observe/meter.ts';
import { METRICS } from '#shared/observe/metric-names.ts';
import { writtenLines } from '../../../support/written-lines.ts';

const about: Measured = { jobId: 'J1', job: 'flights', taskId: 'K1' };

/** What a meter writes that is made with the configuration and called with the arguments. */
function measured(config: object, ...values: unknown[]) {
  return writtenLines(`
    const { makeMeter } = await import('./functions/shared/observe/emf-meter.ts');
    makeMeter('loader', ${JSON.stringify(config)})(...${JSON.stringify(values)});
  `);
}

it('writes one line that is a metric and can be searched for its job and task', () => {
  const [line, ...more] = measured({ METRICS_NAMESPACE: 'Test' }, { Rows: 3, TaskMs: 2.5 }, about);

  expect(more).toEqual([]);
  expect(line).toMatchObject({ Rows: 3, TaskMs: 2.5, service: 'loader', ...about });
  expect(line._aws.CloudWatchMetrics).toEqual([
    {
      Namespace: 'Test',
      Dimensions: [['service']],
      Metrics: [
        { Name: 'Rows', Unit: 'Count' },
        { Name: 'TaskMs', Unit: 'Milliseconds' },
      ],
    },
  ]);
});

it('gives a job metrics of its own when asked to, beside those that alarms look at', () => {
  const [line] = measured({ METRICS_NAMESPACE: 'Test', METRICS_PER_JOB: true }, { Rows: 3 }, about);

  expect(line._aws.CloudWatchMetrics[0].Dimensions).toEqual([['service'], ['service', 'job']]);
});

it('measures nothing without a namespace', () => {
  expect(measured({ METRICS_PER_JOB: true }, { Rows: 3 }, about)).toEqual([]);
});

it('has a unit for every metric', () => {
  const all = Object.fromEntries(Object.keys(METRICS).map((name) => [name, 1]));
  const [line] = measured({ METRICS_NAMESPACE: 'Test' }, all);

  const { Metrics } = line._aws.CloudWatchMetrics[0];
  expect(Metrics).toHaveLength(Object.keys(METRICS).length);
});
