import { config } from './config.ts';

/** The loader's configuration, as its parts want it. */

/** A fetch gives up before the lease does, so that the reason is told and not only that the loader was lost. */
const FETCH_PATIENCE_MS = 30_000;

export const settings = {
  protocol: {
    leaseMs: config.LEASE_MS,
    deadlineMarginMs: config.DEADLINE_MARGIN_MS,
    maxTaskFailures: config.MAX_TASK_FAILURES,
    retentionDays: config.TASK_RETENTION_DAYS,
    maxBatchRows: config.MAX_BATCH_ROWS,
    maxBatchBytes: config.MAX_BATCH_BYTES,
  },
  sinks: { fileDirectories: config.FILE_DIRECTORIES },
  fetch: {
    patienceMs: Math.min(FETCH_PATIENCE_MS, Math.floor(config.LEASE_MS / 2)),
    rackId: config.CLIENT_RACK ?? '',
  },
} as const;
