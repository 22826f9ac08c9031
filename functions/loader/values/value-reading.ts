import type { Framing } from './framing.ts';
import type { KnownSchemas } from './known-schemas.ts';

/** How the values of a job are read by their schemas. */
export interface ValueReading {
  readonly framing: Framing;
  readonly schemas: KnownSchemas;
}
