import { parseArgs } from 'node:util';
import { DATA_SETS } from './demo/data-sets.ts';
import { optionFault } from './option-fault.ts';

/** What was asked for on the command line. */
export interface CommandLine {
  readonly help: boolean;
  /** End after the verification. */
  readonly once: boolean;
  /** Throw away what earlier runs left. */
  readonly fresh: boolean;
  /** Rows of the large data set to load. */
  readonly rows: number;
}

const MOST_ROWS = Math.max(...DATA_SETS.map(({ count }) => count));

/** Fits a screen of 24 lines. */
export const HELP = `npm start [-- options]

Runs Routine Load on this machine: DynamoDB Local, a Kafka broker, the scheduler, the loaders
and the API. Loads public data sets from Kafka topics into files and verifies every record,
then stays up for jobs of your own until Ctrl-C. Stopped, it goes on where it was.

  --once      end after the verification: exit code 0 when all is exact, else 1
  --fresh     throw away topics, tables and jobs of earlier runs first
  --rows N    rows of the large data set, 1 to ${MOST_ROWS} (default: all)
  --help      this page

Environment
  KAFKA_BROKERS       use these brokers (host:port, with commas) instead of starting one
  DYNAMODB_ENDPOINT   use this DynamoDB Local instead of starting one
  API_PORT            port of the API (default: 8321, or a free one if that is taken)
  LOADER_PROCESSES, LOADER_INVOCATIONS
                      loader processes, and tasks at once in each (default: 2 and 8)
  S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY
                      for the servers in ALLOWED_ENDPOINTS
  and whatever functions/shared/installation.ts names, for example LEASE_MS or CYCLE_MS

Everything it writes is under .local in this folder.
`;

/**
 * Parses what follows `npm start --`.
 *
 * @throws {Error} in one sentence when a flag is unknown or its value out of limits
 */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const { values } = parsed(argv);
  const rows = values.rows === undefined ? MOST_ROWS : Number(values.rows);
  if (!Number.isInteger(rows) || rows < 1 || rows > MOST_ROWS) {
    throw new Error(
      `--rows must be a whole number from 1 to ${MOST_ROWS}, got ${JSON.stringify(values.rows)}`,
    );
  }
  return { help: values.help, once: values.once, fresh: values.fresh, rows };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      strict: true,
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        once: { type: 'boolean', default: false },
        fresh: { type: 'boolean', default: false },
        rows: { type: 'string' },
      },
    });
  } catch (error) {
    throw new Error(`${optionFault(error)}; see npm start -- --help`);
  }
}
