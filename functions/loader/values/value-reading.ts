import type { Remembered } from '#shared/kafka/remembered.ts';
import type { Login } from '#shared/kafka/secrets.ts';
import type { RegistryAccess } from '../registry/fetch-text.ts';
import type { Framing } from './framing.ts';
import type { KnownSchemas } from './known-schemas.ts';

/** How the values of a job are read by their schemas. */
export interface ValueReading {
  readonly framing: Framing;
  readonly schemas: KnownSchemas;
}

/** What it takes to reach the schemas of any registry. */
export interface ReadingDeps {
  readonly access: RegistryAccess;
  readonly logins: Remembered<Login>;
}
