import { allowedHosts } from '#shared/allowed-hosts.ts';
import { LoadFailure } from '#shared/domain/failure.ts';
import { jobSpec } from '#shared/domain/job-spec.ts';
import { allowedBrokers, parseBroker } from '#shared/kafka/allowed-brokers.ts';
import { resolveTableDirectory } from '#shared/table-directory.ts';
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
  const { source, destination, batch, format } = fieldsOf(input);
  return [
    ...brokerFaults(fieldsOf(fieldsOf(source).kafka).brokers, limits),
    ...batchFaults(fieldsOf(batch), limits, fieldsOf(fieldsOf(before).batch)),
    ...directoryFaults(fieldsOf(destination).file, limits),
    ...frontendFaults(fieldsOf(destination), limits),
    ...registryFaults(fieldsOf(fieldsOf(fieldsOf(format).registry).confluent).url, limits),
    ...endpointFaults(fieldsOf(destination), limits),
    ...catalogFaults(fieldsOf(fieldsOf(destination).iceberg).catalog, limits),
    ...sizeFaults(input),
  ];
}

/** A job is one item of at most 400 KB, of which its specification is the most. */
const MAX_SPEC_BYTES = 262_144;
const MAX_BYTES_WITH_OFFSETS = 327_680;

function sizeFaults(input: unknown): Fault[] {
  const bytes = bytesOf(input);
  if (bytes <= MAX_SPEC_BYTES) return [];
  const detail = `a specification must be at most ${MAX_SPEC_BYTES} bytes of JSON, got ${bytes}; give offsets as one position or a timestamp`;
  return [{ pointer: '', detail }];
}

/** The fault of offsets for which an item has no room beside the specification that they stand with: a `seek`, or where a preview reads. */
export function offsetsSizeFaults(spec: unknown, offsets: unknown, pointer: string): Fault[] {
  const bytes = bytesOf(spec) + bytesOf(offsets);
  if (offsets === undefined || bytes <= MAX_BYTES_WITH_OFFSETS) return [];
  const detail = `must be, together with the specification, at most ${MAX_BYTES_WITH_OFFSETS} bytes of JSON, got ${bytes}; give offsets as one position or a timestamp`;
  return [{ pointer, detail }];
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
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
      return [{ pointer: `/source/kafka/brokers/${i}`, detail: messageOf(error) }];
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

function directoryFaults(file: unknown, { FILE_DIRECTORIES: roots }: InstallationLimits): Fault[] {
  if (fieldsOf(file) !== file) return [];
  const { directory } = file as Fields;
  if (directory !== undefined && typeof directory !== 'string') return [];
  try {
    // The name of the table is the schema's to judge.
    resolveTableDirectory({ roots, directory, table: 'table' });
    return [];
  } catch (error) {
    const pointer = directory === undefined ? '/destination/file' : '/destination/file/directory';
    return [{ pointer, detail: messageOf(error) }];
  }
}

function frontendFaults(destination: Fields, limits: InstallationLimits): Fault[] {
  return (['doris', 'starrocks'] as const).flatMap((kind) => {
    const { frontends } = fieldsOf(destination[kind]);
    if (!Array.isArray(frontends)) return [];
    const patterns = limits.ALLOWED_DESTINATIONS;
    const allowed = allowedHosts(patterns, 'destinations');
    return frontends.flatMap((frontend: unknown, i) => {
      if (typeof frontend !== 'string') return [];
      const host = frontend.slice(0, frontend.lastIndexOf(':'));
      const fault = allowed.fault(host);
      if (fault === undefined) return [];
      const detail = `frontend ${host} ${fault}, allowed: ${patterns.join(', ')}`;
      return [{ pointer: `/destination/${kind}/frontends/${i}`, detail }];
    });
  });
}

function registryFaults(url: unknown, { ALLOWED_REGISTRIES }: InstallationLimits): Fault[] {
  if (typeof url !== 'string' || !URL.canParse(url)) return [];
  const host = new URL(url).hostname;
  const fault = allowedHosts(ALLOWED_REGISTRIES, 'registries').fault(host);
  if (fault === undefined) return [];
  const detail = `registry ${host} ${fault}, allowed: ${ALLOWED_REGISTRIES.join(', ')}`;
  return [{ pointer: '/format/registry/confluent/url', detail }];
}

function catalogFaults(catalog: unknown, { ALLOWED_DESTINATIONS }: InstallationLimits): Fault[] {
  const { uri } = fieldsOf(catalog);
  if (typeof uri !== 'string' || !URL.canParse(uri)) return [];
  const host = new URL(uri).hostname;
  const fault = allowedHosts(ALLOWED_DESTINATIONS, 'destinations').fault(host);
  if (fault === undefined) return [];
  const detail = `catalog ${host} ${fault}, allowed: ${ALLOWED_DESTINATIONS.join(', ')}`;
  return [{ pointer: '/destination/iceberg/catalog/uri', detail }];
}

function endpointFaults(destination: Fields, limits: InstallationLimits): Fault[] {
  return (['s3', 'iceberg'] as const).flatMap((kind) =>
    endpointFaultsOf(kind, fieldsOf(destination[kind]).endpoint, limits),
  );
}

function endpointFaultsOf(
  kind: 's3' | 'iceberg',
  endpoint: unknown,
  { ALLOWED_ENDPOINTS }: InstallationLimits,
): Fault[] {
  if (typeof endpoint !== 'string' || ALLOWED_ENDPOINTS?.includes(endpoint)) return [];
  const detail = ALLOWED_ENDPOINTS
    ? `must be one of ${ALLOWED_ENDPOINTS.join(', ')}, got ${endpoint}`
    : 'no endpoint is allowed: ALLOWED_ENDPOINTS is not set';
  return [{ pointer: `/destination/${kind}/endpoint`, detail }];
}

function messageOf(error: unknown): string {
  if (error instanceof LoadFailure) return error.message;
  throw error;
}
