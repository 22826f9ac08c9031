import type * as z from 'zod';
import { installation } from '#shared/installation.ts';

/** What the API reads of the installation's configuration. */
export const apiConfig = installation.pick({
  JOBS_TABLE: true,
  TASKS_TABLE: true,
  DYNAMODB_ENDPOINT: true,
  CYCLE_MS: true,
  MAX_BATCH_ROWS: true,
  MAX_BATCH_BYTES: true,
  ALLOWED_BROKERS: true,
  FILE_DIRECTORIES: true,
});
export type ApiConfig = z.infer<typeof apiConfig>;
