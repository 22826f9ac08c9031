import { installation, parseEnvironment } from '#shared/installation.ts';

/** What the scheduler reads of its environment. */
export const config = parseEnvironment(
  installation.pick({
    JOBS_TABLE: true,
    TASKS_TABLE: true,
    DYNAMODB_ENDPOINT: true,
    CAPACITY: true,
    LEASE_MARGIN_MS: true,
    CYCLE_MS: true,
    DEADLINE_MARGIN_MS: true,
    MAX_TASK_FAILURES: true,
    MAX_BATCH_ROWS: true,
    MAX_BATCH_BYTES: true,
    TASK_RETENTION_DAYS: true,
    ALLOWED_BROKERS: true,
    ALLOWED_DESTINATIONS: true,
    SINK_CONNECT_TIMEOUT_MS: true,
    SINK_REQUEST_TIMEOUT_MS: true,
    METRICS_NAMESPACE: true,
    METRICS_PER_JOB: true,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: true,
    KAFKA_CONNECT_TIMEOUT_MS: true,
    KAFKA_REQUEST_TIMEOUT_MS: true,
  }),
  process.env,
);
