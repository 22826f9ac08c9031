import { monotonicFactory } from 'ulid';
import { systemClock } from '#shared/clock.ts';
import { parseEnvironment } from '#shared/installation.ts';
import { connectTables } from '#shared/store/connect.ts';
import { makeApi } from './api.ts';
import { apiConfig } from './config.ts';

const config = parseEnvironment(apiConfig, process.env);
const nextUlid = monotonicFactory();

/** The Lambda function behind the HTTP API. */
export const handler = makeApi({
  tables: connectTables(config, process.env),
  clock: systemClock,
  newId: () => nextUlid(systemClock.now()),
  limits: config,
  cycleMs: config.CYCLE_MS,
  onFailure: (error, { requestId }) => {
    console.error(JSON.stringify({ level: 'error', requestId, error: describe(error) }));
  },
});

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
