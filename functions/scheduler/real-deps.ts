import { systemClock } from '#shared/clock.ts';
import { openClusters } from '#shared/kafka/open-clusters.ts';
import { linkDeps } from '#shared/kafka/open-link.ts';
import { makeLog } from '#shared/log.ts';
import { newId } from '#shared/new-id.ts';
import { connectDynamoDb, tablesOver } from '#shared/store/connect.ts';
import { countUsage } from '#shared/store/counted-client.ts';
import { outboundOf } from '#shared/warehouse/outbound.ts';
import { config } from './config.ts';
import type { CycleDeps } from './cycle.ts';
import { destinationWorkers } from './destination-workers.ts';
import { patientClusters } from './patient-clusters.ts';

const counted = countUsage(connectDynamoDb(config.DYNAMODB_ENDPOINT, process.env));

/** What DynamoDB was asked for since the last time: one sandbox runs one cycle at a time. */
export const takeUsage = counted.take;

const kafka = linkDeps(config);

/** The real parts that a cycle runs on, made once per function. */
export const realDeps: CycleDeps = {
  tables: tablesOver(counted.client, config),
  clusters: patientClusters(openClusters(kafka), systemClock),
  destinationWorkers: destinationWorkers(outboundOf(config, systemClock), kafka.logins),
  clock: systemClock,
  newId,
  log: makeLog('scheduler'),
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
