import middy from '@middy/core';
import type { Context, ScheduledEvent } from 'aws-lambda';
import { systemClock } from '#shared/clock.ts';
import { openClusters } from '#shared/kafka/open-clusters.ts';
import { linkDeps } from '#shared/kafka/open-link.ts';
import { makeLog } from '#shared/log.ts';
import { newId } from '#shared/new-id.ts';
import { makeMeter } from '#shared/observe/emf-meter.ts';
import { connectTables } from '#shared/store/connect.ts';
import { outboundOf } from '#shared/warehouse/outbound.ts';
import { config } from './config.ts';
import { type CycleReport, runCycle } from './cycle.ts';
import { destinationWorkers } from './destination-workers.ts';
import { measureCycle } from './measure-cycle.ts';

const log = makeLog('scheduler');
const meter = makeMeter('scheduler', config);
const deps = {
  tables: connectTables(config, process.env),
  clusters: openClusters(linkDeps(config)),
  destinationWorkers: destinationWorkers(outboundOf(config, systemClock)),
  clock: systemClock,
  newId,
  log,
  settings: {
    capacity: config.CAPACITY,
    cycleMs: config.CYCLE_MS,
    leaseMarginMs: config.LEASE_MARGIN_MS,
    maxTaskFailures: config.MAX_TASK_FAILURES,
    maxBatchRows: config.MAX_BATCH_ROWS,
    maxBatchBytes: config.MAX_BATCH_BYTES,
    retentionDays: config.TASK_RETENTION_DAYS,
  },
};

/** One scheduling cycle, started by EventBridge Scheduler. The event says only "look". */
export const handler = middy<ScheduledEvent, CycleReport>().handler(
  async (_event: ScheduledEvent, context: Context): Promise<CycleReport> => {
    const left = context.getRemainingTimeInMillis() - config.DEADLINE_MARGIN_MS;
    const measurement = measureCycle(meter, { clock: systemClock, cycleMs: config.CYCLE_MS });
    const { onVisit } = measurement;
    const report = await runCycle({ ...deps, onVisit }, systemClock.now() + left);
    measurement.end(report);
    if (report.actions > 0 || report.failures > 0) log('cycle', { ...report });
    return report;
  },
);
