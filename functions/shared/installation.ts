import * as z from 'zod';

/**
 * The configuration of an installation: every environment variable that any function reads, with its
 * default and its limits, in this one place. Each function's `config.ts` picks what it needs and parses
 * it once, when it loads; all faults are reported together.
 */

const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max);

const list = z
  .string()
  .transform((value) => value.split(',').map((part) => part.trim()))
  .pipe(z.array(z.string().min(1)).min(1));

export const installation = z.object({
  /** Table of jobs, their lanes and their history. */
  JOBS_TABLE: z.string().min(3),
  /** Table of tasks. */
  TASKS_TABLE: z.string().min(3),
  /** Another DynamoDB, e.g. DynamoDB Local; default: the region's. */
  DYNAMODB_ENDPOINT: z.url().optional(),
  /** Tasks that may be live at once over all jobs: the loader's reserved concurrency. */
  CAPACITY: whole(1, 10_000).default(100),
  /** How long a task's lease lasts without a renewal. A crash is noticed after it. */
  LEASE_MS: whole(1_000, 900_000).default(60_000),
  /** How much longer than the lease the scheduler waits before it re-offers, for clocks that disagree. */
  LEASE_MARGIN_MS: whole(0, 600_000).default(5_000),
  /** How often the schedule runs a cycle. A PENDING task is re-offered after two of them. */
  CYCLE_MS: whole(100, 3_600_000).default(60_000),
  /** What a function keeps of its Lambda's time for an orderly end. */
  DEADLINE_MARGIN_MS: whole(100, 300_000).default(15_000),
  /**
   * How long a loader can live, with what it has sent and clocks that disagree: Lambda's 15 minutes and 5 more. What dead
   * attempts left in a destination that cannot list it is removed after that.
   */
  LOADER_LIFE_MS: whole(1_000, 86_400_000).default(1_200_000),
  /** Tries of a task, failed or lost, after which its job pauses. */
  MAX_TASK_FAILURES: whole(1, 100).default(5),
  /** Upper limits that no job's batch exceeds, whatever it asks for. */
  MAX_BATCH_ROWS: whole(1, 1_000_000_000).default(1_000_000_000),
  MAX_BATCH_BYTES: whole(1_024, 10_737_418_240).default(10_737_418_240),
  /** Days for which finished tasks are kept. */
  TASK_RETENTION_DAYS: whole(1, 365).default(7),
  /** Hosts that jobs may name as brokers, and that brokers may advertise: `*` or `*.example.com`, with commas. */
  ALLOWED_BROKERS: list.default(['*']),
  /** Hosts that jobs may name as frontends of Doris and StarRocks, and that those may redirect to. */
  ALLOWED_DESTINATIONS: list.default(['*']),
  /** Hosts that jobs may name as schema registries. */
  ALLOWED_REGISTRIES: list.default(['*']),
  /** How long to wait for a schema registry's whole answer. */
  REGISTRY_TIMEOUT_MS: whole(100, 60_000).default(10_000),
  /** Servers other than Amazon S3 that jobs may load into: URLs as jobs name them, with commas. */
  ALLOWED_ENDPOINTS: list.optional(),
  /** How long to wait for a destination's connection, and for one answer of Doris or StarRocks. */
  SINK_CONNECT_TIMEOUT_MS: whole(100, 60_000).default(5_000),
  SINK_REQUEST_TIMEOUT_MS: whole(1_000, 600_000).default(120_000),
  /** Directories under which file destinations may write, absolute, with commas; the first is the default. */
  FILE_DIRECTORIES: list.optional(),
  /** Where loaders put what does not fit into memory. Default: the operating system's place for such, /tmp in Lambda. */
  SCRATCH_DIRECTORY: z.string().min(1).optional(),
  /** Megabytes of memory for mapping and filter, per slice; what is more goes to the scratch directory. */
  ENGINE_MEMORY_MB: whole(64, 65_536).default(512),
  /** The availability zone id of this loader, for fetching from the closest replica. Default: what Lambda tells. */
  CLIENT_RACK: z.string().optional(),
  /** Where CloudWatch keeps what is measured. Default: nothing is measured. */
  METRICS_NAMESPACE: z.string().min(1).max(255).optional(),
  /** Whether each job's figures are kept under its name too; they cost by the job. */
  METRICS_PER_JOB: z.stringbool().default(false),
  /** Set by Lambda: the function's memory, by which its time is charged. Default: nobody charges for it. */
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: whole(128, 65_536).optional(),
  /** How long to wait for a broker's connection, and for one answer. */
  KAFKA_CONNECT_TIMEOUT_MS: whole(100, 60_000).default(5_000),
  KAFKA_REQUEST_TIMEOUT_MS: whole(1_000, 120_000).default(15_000),
});

/** The parsed configuration. */
export type Installation = z.infer<typeof installation>;

/**
 * Parses the variables that a function picked.
 *
 * @throws {Error} that names every faulty variable at once, and no value of any other
 */
export function parseEnvironment<S extends z.ZodType>(
  schema: S,
  environment: Readonly<Record<string, string | undefined>>,
): z.infer<S> {
  const parsed = schema.safeParse(environment);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`faulty configuration in the environment:\n${faults.join('\n')}`);
}
