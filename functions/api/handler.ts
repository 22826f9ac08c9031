import { systemClock } from '#shared/clock.ts';
import { makeLog } from '#shared/log.ts';
import { newId } from '#shared/new-id.ts';
import { connectTables } from '#shared/store/connect.ts';
import { makeApi } from './api.ts';
import { config } from './config.ts';

/** The Lambda function behind the HTTP API. */
export const handler = makeApi({
  tables: connectTables(config, process.env),
  clock: systemClock,
  newId,
  log: makeLog('api'),
  limits: config,
  cycleMs: config.CYCLE_MS,
  retentionDays: config.TASK_RETENTION_DAYS,
});
