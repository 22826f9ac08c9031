import { installation, parseEnvironment } from '#shared/installation.ts';

/** What the API reads of its environment. */
export const config = parseEnvironment(
  installation.pick({
    JOBS_TABLE: true,
    TASKS_TABLE: true,
    DYNAMODB_ENDPOINT: true,
    CYCLE_MS: true,
    TASK_RETENTION_DAYS: true,
    MAX_BATCH_ROWS: true,
    MAX_BATCH_BYTES: true,
    ALLOWED_BROKERS: true,
    ALLOWED_DESTINATIONS: true,
    ALLOWED_ENDPOINTS: true,
    ALLOWED_REGISTRIES: true,
    FILE_DIRECTORIES: true,
  }),
  process.env,
);
