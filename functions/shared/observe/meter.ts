import type { MetricName } from './metric-names.ts';

/** What a measurement is about: searched for in the logs. The name is also what graphs of one job go by. */
export interface Measured {
  readonly jobId: string;
  readonly job: string;
  readonly taskId?: string | undefined;
}

/** Takes measurements. Losing some harms nobody, and it throws never. */
export type Meter = (
  values: Readonly<Partial<Record<MetricName, number>>>,
  about?: Measured | undefined,
) => void;
