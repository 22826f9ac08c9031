import { allowedHosts } from '#shared/allowed-hosts.ts';
import type { SchemaFormat } from '#shared/domain/spec/value-format.ts';
import type { Installation } from '#shared/installation.ts';
import type { RegistryAccess } from '../registry/fetch-text.ts';
import type { ReadingDeps, ValueReading } from './value-reading.ts';

/** The ways in which the values of all jobs are read. Make it once per function: it remembers schemas. */
export interface ValueReadings {
  /** @throws {LoadFailure} SCHEMA_MISMATCH for a schema of the specification that is none */
  of(format: SchemaFormat): Promise<ValueReading>;
}

/** What the installation's configuration says of registries. */
export function registryAccess(
  config: Pick<Installation, 'ALLOWED_REGISTRIES' | 'REGISTRY_TIMEOUT_MS'>,
): RegistryAccess {
  return {
    allowed: allowedHosts(config.ALLOWED_REGISTRIES, 'registries'),
    timeoutMs: config.REGISTRY_TIMEOUT_MS,
  };
}

/** The code for formats with a schema is loaded by the first job that has one. */
export function makeValueReadings(deps: ReadingDeps): ValueReadings {
  const readings = new Map<string, Promise<ValueReading>>();
  return {
    async of(format) {
      const key = JSON.stringify(format);
      let reading = readings.get(key);
      if (reading === undefined) {
        reading = import('./open-reading.ts').then(({ openReading }) => openReading(format, deps));
        readings.set(key, reading);
        reading.catch(() => readings.delete(key));
      }
      (await reading).schemas.forgetMissing();
      return reading;
    },
  };
}
