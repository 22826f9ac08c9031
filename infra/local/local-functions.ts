import { join } from 'node:path';
import type { Clock } from '#shared/clock.ts';
import {
  FUNCTION_LIMITS,
  type FunctionName,
  SCHEDULER_CONCURRENCY,
} from '../settings/functions.ts';
import { type FunctionPool, startFunctionPool } from './function-pool.ts';
import { LOCAL_REGION } from './local-credentials.ts';
import type { StopLater } from './local-servers.ts';
import type { LocalFolders, LocalSettings } from './local-settings.ts';

/** The three functions, each in processes of its own and with the environment that the stack gives it. */
export async function startFunctions(
  where: {
    readonly settings: LocalSettings;
    readonly folders: LocalFolders;
    /** Of DynamoDB Local. */
    readonly endpoint: string;
    /** Where secrets are read. */
    readonly secrets: string;
  },
  run: {
    readonly clock: Clock;
    readonly onTrouble: (message: string) => void;
    readonly stopLater: StopLater;
  },
): Promise<Record<FunctionName, FunctionPool>> {
  const { settings, folders } = where;
  const environment = {
    ...settings.functions,
    AWS_REGION: LOCAL_REGION,
    AWS_ACCESS_KEY_ID: settings.S3_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY: settings.S3_SECRET_ACCESS_KEY,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: where.secrets,
    DYNAMODB_ENDPOINT: where.endpoint,
    JOBS_TABLE: settings.JOBS_TABLE,
    TASKS_TABLE: settings.TASKS_TABLE,
    FILE_DIRECTORIES: settings.functions.FILE_DIRECTORIES ?? folders.tables,
  };
  const start = async (
    name: FunctionName,
    size: { processes: number; invocations: number; timeoutMs: number },
  ) => {
    const pool = await startFunctionPool(
      {
        name,
        handler: new URL(`../../functions/${name}/handler.ts`, import.meta.url),
        environment,
        logFile: join(folders.logs, `${name}.log`),
        ...size,
      },
      run,
    );
    run.stopLater(() => pool.close());
    return pool;
  };
  const started = await Promise.allSettled([
    start('loader', {
      processes: settings.LOADER_PROCESSES,
      invocations: settings.LOADER_INVOCATIONS,
      timeoutMs: settings.LOADER_TIMEOUT_MS,
    }),
    // Two cycles may overlap, as under EventBridge.
    start('scheduler', {
      processes: 1,
      invocations: SCHEDULER_CONCURRENCY,
      timeoutMs: FUNCTION_LIMITS.scheduler.timeoutMs,
    }),
    start('api', { processes: 1, invocations: 64, timeoutMs: FUNCTION_LIMITS.api.timeoutMs }),
  ]);
  const [loader, scheduler, api] = started;
  if (loader.status === 'rejected') throw loader.reason;
  if (scheduler.status === 'rejected') throw scheduler.reason;
  if (api.status === 'rejected') throw api.reason;
  return { loader: loader.value, scheduler: scheduler.value, api: api.value };
}
