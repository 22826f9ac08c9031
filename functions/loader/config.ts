import { installation, parseEnvironment } from '#shared/installation.ts';

/** What the loader reads of its environment. */
export const config = parseEnvironment(
  installation.pick({
    JOBS_TABLE: true,
    TASKS_TABLE: true,
    DYNAMODB_ENDPOINT: true,
    LEASE_MS: true,
    DEADLINE_MARGIN_MS: true,
    LOADER_LIFE_MS: true,
    MAX_TASK_FAILURES: true,
    MAX_BATCH_ROWS: true,
    MAX_BATCH_BYTES: true,
    TASK_RETENTION_DAYS: true,
    ALLOWED_BROKERS: true,
    FILE_DIRECTORIES: true,
    ALLOWED_DESTINATIONS: true,
    ALLOWED_ENDPOINTS: true,
    ALLOWED_REGISTRIES: true,
    REGISTRY_TIMEOUT_MS: true,
    SINK_CONNECT_TIMEOUT_MS: true,
    SINK_REQUEST_TIMEOUT_MS: true,
    SCRATCH_DIRECTORY: true,
    ENGINE_MEMORY_MB: true,
    CLIENT_RACK: true,
    METRICS_NAMESPACE: true,
    METRICS_PER_JOB: true,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: true,
    KAFKA_CONNECT_TIMEOUT_MS: true,
    KAFKA_REQUEST_TIMEOUT_MS: true,
  }),
  process.env,
);
