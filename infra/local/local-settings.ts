import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { installation, parseEnvironment } from '#shared/installation.ts';
import { FUNCTION_LIMITS } from '../settings/functions.ts';
import { LOCAL_CREDENTIALS } from './local-credentials.ts';

const count = (most: number) => z.coerce.number().int().min(1).max(most);

const localSettings = z.object({
  /** Running ones to use instead of starting our own. */
  KAFKA_BROKERS: z
    .string()
    .transform((value) => value.split(',').map((broker) => broker.trim()))
    .pipe(z.array(z.string().regex(/^\S+:\d{1,5}$/, 'must be host:port, with commas')).min(1))
    .optional(),
  DYNAMODB_ENDPOINT: z.url().optional(),
  /** Of a server that speaks S3's protocol. DynamoDB Local gets them too, and takes any key when it runs with -sharedDb. */
  S3_ACCESS_KEY_ID: z.string().min(1).default(LOCAL_CREDENTIALS.accessKeyId),
  S3_SECRET_ACCESS_KEY: z.string().min(1).default(LOCAL_CREDENTIALS.secretAccessKey),
  /** Its tables are made where they are missing. */
  JOBS_TABLE: z.string().min(3).default('RoutineLoadJobs'),
  TASKS_TABLE: z.string().min(3).default('RoutineLoadTasks'),
  /** 0 takes any free port. */
  API_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  LOADER_PROCESSES: count(64).default(2),
  LOADER_INVOCATIONS: count(256).default(8),
  /** After it an invocation loses its process, as on Lambda. */
  LOADER_TIMEOUT_MS: count(900_000).default(FUNCTION_LIMITS.loader.timeoutMs),
});

/** How the parts are run on this machine. */
export type LocalSettings = z.infer<typeof localSettings> & {
  /** Settings of the functions that the user's environment gives, or the ones that fit one machine. */
  readonly functions: Readonly<Record<string, string>>;
};

/**
 * What differs from the installation's own defaults: on one machine a person watches, and after a kill
 * nobody wants to wait a minute for leases to run out.
 */
const LOCAL_DEFAULTS = {
  CYCLE_MS: '2000',
  LEASE_MS: '10000',
  LEASE_MARGIN_MS: '1000',
  // Many loaders share the machine.
  ENGINE_MEMORY_MB: '256',
} as const;

/** What a loader has sent when its time is over arrives within this. */
const AFTER_LIFE_MS = 60_000;

/**
 * Reads the settings from the environment. Variables of the functions are passed on as they are.
 *
 * @throws {Error} that names every faulty variable
 */
export function readLocalSettings(
  environment: Readonly<Record<string, string | undefined>>,
): LocalSettings {
  const settings = parseEnvironment(localSettings, environment);
  const functions: Record<string, string> = {
    ...LOCAL_DEFAULTS,
    CAPACITY: String(settings.LOADER_PROCESSES * settings.LOADER_INVOCATIONS),
    LOADER_LIFE_MS: String(settings.LOADER_TIMEOUT_MS + AFTER_LIFE_MS),
  };
  for (const name of Object.keys(installation.shape)) {
    const given = environment[name];
    if (given !== undefined) functions[name] = given;
  }
  return { ...settings, functions };
}

/** The folders of one machine's installation. */
export interface LocalFolders {
  /** All others are in it. */
  readonly root: string;
  readonly dynamodb: string;
  readonly broker: string;
  readonly tables: string;
  readonly logs: string;
  /** Secrets by their ARNs; a user may make it. */
  readonly secretsFile: string;
  /** Which servers the data belongs to. */
  readonly serversFile: string;
}

/** `.local` of the checkout. */
export const LOCAL_ROOT = fileURLToPath(new URL('../../.local', import.meta.url));

/** The layout below a root. */
export function localFolders(root: string): LocalFolders {
  return {
    root,
    dynamodb: `${root}/dynamodb`,
    broker: `${root}/broker`,
    tables: `${root}/tables`,
    logs: `${root}/logs`,
    secretsFile: `${root}/secrets.json`,
    serversFile: `${root}/servers.json`,
  };
}
