import { isAbsolute, resolve, sep } from 'node:path';
import { LoadFailure } from '#shared/domain/failure.ts';
import { jobSpec } from '#shared/domain/job-spec.ts';
import { allowedBrokers, parseBroker } from '#shared/kafka/allowed-brokers.ts';
import type { InstallationLimits } from './deps.ts';
import type { Fault } from './problem.ts';

/**
 * What an installation allows of what the specification's schema allows. All of it looks at the raw body, so
 * that its faults are told together with the schema's; what has the wrong type is left to that.
 */

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Fields) : {};
}

/** The batch limits, where a user gave none: the usual ones, but no more than the installation allows. */
export function withBatchDefaults(input: unknown, limits: InstallationLimits): unknown {
  const fields = fieldsOf(input);
  const { batch } = fields;
  if (fields !== input || (batch !== undefined && fieldsOf(batch) !== batch)) return input;
  const usual = jobSpec.shape.batch.parse({});
  const capped = {
    maxRows: Math.min(usual.maxRows, limits.MAX_BATCH_ROWS),
    maxBytes: Math.min(usual.maxBytes, limits.MAX_BATCH_BYTES),
  };
  return { ...fields, batch: { ...capped, ...fieldsOf(batch) } };
}

/** @param before the specification as it was: what was allowed once and has not changed stays allowed */
export function installationFaults(
  input: unknown,
  limits: InstallationLimits,
  before?: unknown,
): Fault[] {
  const { source, destination, batch } = fieldsOf(input);
  return [
    ...brokerFaults(fieldsOf(fieldsOf(source).kafka).brokers, limits),
    ...batchFaults(fieldsOf(batch), limits, fieldsOf(fieldsOf(before).batch)),
    ...directoryFaults(fieldsOf(destination).file, limits),
  ];
}

function brokerFaults(brokers: unknown, { ALLOWED_BROKERS }: InstallationLimits): Fault[] {
  if (!Array.isArray(brokers)) return [];
  const allowed = allowedBrokers(ALLOWED_BROKERS);
  return brokers.flatMap((broker: unknown, i) => {
    if (typeof broker !== 'string') return [];
    try {
      allowed.require(parseBroker(broker));
      return [];
    } catch (error) {
      if (!(error instanceof LoadFailure)) throw error;
      return [{ pointer: `/source/kafka/brokers/${i}`, detail: error.message }];
    }
  });
}

function batchFaults(batch: Fields, limits: InstallationLimits, before: Fields): Fault[] {
  const { MAX_BATCH_ROWS: maxRows, MAX_BATCH_BYTES: maxBytes } = limits;
  return Object.entries({ maxRows, maxBytes }).flatMap(([name, limit]) => {
    const given = batch[name];
    if (typeof given !== 'number' || given <= limit || given === before[name]) return [];
    return [
      {
        pointer: `/batch/${name}`,
        detail: `must be at most ${limit} in this installation, got ${given}`,
      },
    ];
  });
}

/** By the path alone; whether links lead out of it only the machine that writes can say, and does. */
function directoryFaults(file: unknown, { FILE_DIRECTORIES }: InstallationLimits): Fault[] {
  if (fieldsOf(file) !== file) return [];
  if (FILE_DIRECTORIES === undefined) {
    const detail = 'cannot be used: this installation has no directories for files';
    return [{ pointer: '/destination/file', detail }];
  }
  const { directory } = file as Fields;
  if (typeof directory !== 'string') return [];
  const path = resolve(directory);
  const isInside = (root: string) => path === root || path.startsWith(root + sep);
  const allowed = FILE_DIRECTORIES.map((root) => resolve(root));
  if (isAbsolute(directory) && !directory.includes('\0') && allowed.some(isInside)) return [];
  return [
    {
      pointer: '/destination/file/directory',
      detail: `must be an absolute path in one of ${allowed.join(', ')}`,
    },
  ];
}
