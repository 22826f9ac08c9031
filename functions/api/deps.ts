import type { Clock } from '#shared/clock.ts';
import type { Installation } from '#shared/installation.ts';
import type { Log } from '#shared/log.ts';
import type { Tables } from '#shared/store/tables.ts';

/** The part of the configuration that decides what a job may ask for. */
export type InstallationLimits = Pick<
  Installation,
  | 'MAX_BATCH_ROWS'
  | 'MAX_BATCH_BYTES'
  | 'ALLOWED_BROKERS'
  | 'ALLOWED_DESTINATIONS'
  | 'ALLOWED_ENDPOINTS'
  | 'ALLOWED_REGISTRIES'
  | 'FILE_DIRECTORIES'
>;

/** What the routes need. The API has no way to Kafka, and needs none. */
export interface ApiDeps {
  readonly tables: Tables;
  readonly clock: Clock;
  /** A new ULID, greater than every one it gave before. */
  readonly newId: () => string;
  readonly limits: InstallationLimits;
  /** How often the scheduler looks at a job. */
  readonly cycleMs: number;
  /** Days for which finished tasks are kept. */
  readonly retentionDays: number;
  /** Takes every error that is answered as 500 or 503, with the request's id. */
  readonly log: Log;
}
