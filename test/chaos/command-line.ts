import { parseArgs } from 'node:util';
import { optionFault } from '../../infra/local/option-fault.ts';
import { DESTINATIONS, type DestinationName } from './destinations/destination.ts';

/** What can be done to a running installation, each with the option that says how often. */
export const FAULTS = {
  'kill-loader': { option: 'kills', words: 'loaders killed (SIGKILL)' },
  'stop-loader': {
    option: 'stops',
    words: 'loaders stopped for longer than their lease, then continued',
  },
  'kill-scheduler': {
    option: 'scheduler-kills',
    words: 'schedulers killed in the middle of a cycle',
  },
  'kill-api': { option: 'api-kills', words: 'API processes killed' },
  'restart-broker': { option: 'broker-restarts', words: 'brokers killed and started again' },
  'restart-store': { option: 'store-restarts', words: 'DynamoDB Local killed and started again' },
  'change-job': { option: 'changes', words: 'jobs paused, resumed or altered' },
  'destination-fault': { option: 'destination-faults', words: 'faults of destinations' },
  'restart-destination': { option: 'destination-restarts', words: 'destinations started again' },
} as const;
export type FaultKind = keyof typeof FAULTS;
export const FAULT_KINDS = Object.keys(FAULTS) as FaultKind[];

/** How often each fault is done. */
export type FaultCounts = Readonly<Record<FaultKind, number>>;

/** What was asked for on the command line. */
export interface ChaosCommand {
  readonly help: boolean;
  readonly seed: number;
  /** Rows to produce, about. */
  readonly rows: number;
  readonly counts: FaultCounts;
  readonly destinations: readonly DestinationName[];
  /** After them no more faults are done and no more rows produced; what there is, is compared. */
  readonly minutes: number;
  /** Leave the folder of the run where it is. */
  readonly keep: boolean;
}

/** Half a minute of faults: a few of every kind, of the servers' restarts, which take seconds each, one. */
const SHORT = {
  rows: 200_000,
  counts: {
    'kill-loader': 8,
    'stop-loader': 2,
    'kill-scheduler': 3,
    'kill-api': 2,
    'restart-broker': 1,
    'restart-store': 1,
    'change-job': 2,
    'destination-fault': 24,
    'restart-destination': 2,
  },
} as const;

const KILLS = 200;
const ROWS = 10_000_000;
const MINUTES = 25;
/** Of these there is nothing to be done to files. */
const OF_SERVERS: readonly FaultKind[] = ['destination-fault', 'restart-destination'];

/** Fits a screen of 24 lines. */
export const HELP = `npm run chaos [-- options]

Starts an installation of its own (DynamoDB Local, a broker, scheduler, API and three loader
processes), produces records into three topics all the time, with aborted transactions among them
and dates in one, and meanwhile kills, stops and restarts everything at random. At the end every record
of every topic must be in its table exactly once, no job stuck and nothing left over.

  --destination LIST    ${DESTINATIONS.join(', ')}, or several with commas (default: file)
  --short               half a minute of faults, a few of every kind
  --kills N             loaders to kill (default: ${KILLS}); the other faults follow from it unless given:
  --stops N  --scheduler-kills N  --api-kills N  --broker-restarts N  --store-restarts N  --changes N
  --destination-faults N  --destination-restarts N
  --rows N              records to produce, about (default: ${ROWS})
  --minutes N           no more faults and rows after them (default: ${MINUTES})
  --seed N              choice and order of the faults (default: another one each time)
  --keep                leave the folder of the run where it is
  --help                this page

Exit code 0 when nothing was lost, doubled, stuck or left over; else 1.
`;

/**
 * Parses what follows `npm run chaos --`.
 *
 * @param anySeed the seed when none is given
 * @throws {Error} in one sentence when an option is unknown or its value out of limits
 */
export function parseChaosCommand(argv: readonly string[], anySeed: number): ChaosCommand {
  const values = parsed(argv);
  const number = (name: string, otherwise: number, most: number) => {
    const given = values[name];
    const value = given === undefined ? otherwise : Number(given);
    if (Number.isInteger(value) && value >= 0 && value <= most) return value;
    throw new Error(`--${name} must be a whole number from 0 to ${most}, got ${String(given)}`);
  };
  const short = values.short === true;
  const kills = number('kills', short ? SHORT.counts['kill-loader'] : KILLS, 100_000);
  const destinations = destinationsIn(values.destination);
  const onlyFiles = destinations.every((name) => name === 'file');
  const usual = { ...(short ? SHORT.counts : countsFor(kills)) };
  if (onlyFiles) for (const kind of OF_SERVERS) usual[kind] = 0;
  const counts = Object.fromEntries(
    FAULT_KINDS.map((kind) => [kind, number(FAULTS[kind].option, usual[kind], 100_000)]),
  );
  return {
    help: values.help === true,
    seed: number('seed', anySeed, 2 ** 32 - 1),
    rows: number('rows', short ? SHORT.rows : ROWS, 1_000_000_000),
    counts: counts as FaultCounts,
    destinations,
    minutes: number('minutes', MINUTES, 10_000),
    keep: values.keep === true,
  };
}

function destinationsIn(given: string | boolean | undefined): DestinationName[] {
  const names = typeof given === 'string' ? given.split(',') : ['file'];
  return names.map((name) => {
    const known = DESTINATIONS.find((destination) => destination === name);
    if (known && names.indexOf(name) === names.lastIndexOf(name)) return known;
    const allowed = `${DESTINATIONS.join(', ')}, each once, with commas`;
    throw new Error(`--destination must be of ${allowed}, got ${given}`);
  });
}

function countsFor(kills: number): Record<FaultKind, number> {
  const part = (divisor: number) => Math.ceil(kills / divisor);
  return {
    'kill-loader': kills,
    'stop-loader': part(5),
    'kill-scheduler': part(4),
    'kill-api': part(10),
    'restart-broker': part(10),
    'restart-store': part(15),
    'change-job': part(2),
    'destination-fault': kills,
    'restart-destination': part(15),
  };
}

function parsed(argv: readonly string[]): Readonly<Record<string, string | boolean | undefined>> {
  const numbers = ['seed', 'rows', 'minutes', ...FAULT_KINDS.map((kind) => FAULTS[kind].option)];
  try {
    return parseArgs({
      args: [...argv],
      strict: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        short: { type: 'boolean' },
        keep: { type: 'boolean' },
        destination: { type: 'string' },
        ...Object.fromEntries(numbers.map((name) => [name, { type: 'string' as const }])),
      },
    }).values;
  } catch (error) {
    throw new Error(`${optionFault(error)}; see npm run chaos -- --help`);
  }
}
