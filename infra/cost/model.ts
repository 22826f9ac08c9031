import { METRICS } from '#shared/observe/metric-names.ts';
import type { Load } from './load.ts';
import { MEASURED } from './measured.ts';
import { MONTH, PRICES } from './prices.ts';

/** Dollars by what they are paid for. */
export type Costs = Readonly<Record<string, number>>;

const MB_PER_TB = 1_000_000;
const GB_PER_TB = 1_000;

/** A cycle's function runs this long for one job, and is this large. */
const SCHEDULER = { seconds: 2, gb: 0.5 } as const;
/** The least that a query costs which finds nothing and needs not the newest. */
const QUERY_UNITS = 0.5;
/** Metrics of one job: all that are measured of a task or of a job, see functions/shared/observe/metric-names.ts. */
const METRICS_OF_A_JOB = 15;
const ALARMS = 21;

/** What loading a decimal TB costs, beyond what an installation costs anyway. */
export function costsPerTb(load: Load): Costs {
  const tasks = MB_PER_TB / load.mbPerTask;
  return {
    'Lambda, loading':
      (MB_PER_TB / load.mbPerSecond) * (load.memoryMb / 1_024) * PRICES.lambdaGbSecond,
    'DynamoDB, tasks':
      tasks * (load.writeUnitsPerTask * PRICES.writeUnit + load.readUnitsPerTask * PRICES.readUnit),
    'pipe and invocations':
      tasks * load.dispatchedShare * (PRICES.pipeRequest + PRICES.lambdaRequest),
    'Kafka, between zones': GB_PER_TB * load.wireRatio * load.crossZoneShare * PRICES.crossZoneGb,
    ...sinkCosts(load, tasks),
    logs: tasks * load.kbOfLogsPerTask * 1e-6 * PRICES.logsGb,
  };
}

function sinkCosts(load: Load, tasks: number): Costs {
  switch (load.destination) {
    case 'doris':
      return {
        'Doris, between zones': GB_PER_TB * load.sinkCrossZoneShare * PRICES.crossZoneGb,
      };
    case 's3':
      // Each part, and for each task the beginning and the end of an upload.
      return {
        'S3 requests': (MB_PER_TB / load.mbPerPart + 2 * tasks) * PRICES.s3Request,
        'way to S3': GB_PER_TB * wayToS3(load.s3Way),
      };
    case 'file':
      return {};
  }
}

function wayToS3(way: Load['s3Way']): number {
  return { gateway: 0, endpoint: PRICES.endpointGb, nat: PRICES.natGb }[way];
}

/** What an installation costs by the month although nothing is loaded. */
export function costsOfInstallation(load: Load): Costs {
  const all = load.jobs + load.idleJobs;
  return {
    'interface endpoints': load.zones * load.interfaceEndpoints * PRICES.endpointZoneMonth,
    scheduler:
      MONTH.minutes *
      (PRICES.schedulerInvocation +
        PRICES.lambdaRequest +
        SCHEDULER.seconds * SCHEDULER.gb * PRICES.lambdaGbSecond),
    'DynamoDB, looking at jobs':
      MONTH.minutes *
      (MEASURED.callsPerCycle * QUERY_UNITS + all * load.readUnitsPerIdleJob) *
      PRICES.readUnit,
    'alarms and metrics':
      ALARMS * PRICES.alarmMonth +
      (Object.keys(METRICS).length + (load.metricsPerJob ? all * METRICS_OF_A_JOB : 0)) *
        PRICES.metricMonth,
    key: PRICES.keyMonth,
  };
}

/** Everything for a month. */
export function costsPerMonth(load: Load): Costs {
  const tb = (load.gbPerDay * MONTH.days) / GB_PER_TB;
  const loading = Object.entries(costsPerTb(load)).map(([what, cost]) => [what, cost * tb]);
  return { ...Object.fromEntries(loading), ...costsOfInstallation(load) };
}

/** The dollars together. */
export function sum(costs: Costs): number {
  return Object.values(costs).reduce((total, cost) => total + cost, 0);
}
