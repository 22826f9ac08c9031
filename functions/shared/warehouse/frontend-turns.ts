import { asLoadFailure, type LoadFailure } from '../domain/failure.ts';
import type { Endpoint } from './outbound.ts';

/** Makes an attempt with one frontend after the other while none can be reached. */
export type FrontendTurns = <T>(attempt: (frontend: Endpoint) => Promise<T>) => Promise<T>;

/** A frontend that lives may redirect to a backend that does not, and to another one the next time. */
const MORE_TRIES = 3;

/**
 * Turns that begin with the frontend that answered last; each has two of them, where there are few. Only SINK_UNREACHABLE leads on to the next: whatever
 * else one says, the others would say too.
 */
export function frontendTurns(frontends: readonly Endpoint[]): FrontendTurns {
  let preferred = 0;
  return async (attempt) => {
    let last: LoadFailure | undefined;
    const first = preferred;
    const tries = Math.min(2 * frontends.length, frontends.length + MORE_TRIES);
    for (let i = 0; i < tries; i += 1) {
      const at = (first + i) % frontends.length;
      try {
        const result = await attempt(frontends[at] as Endpoint);
        preferred = at;
        return result;
      } catch (error) {
        last = asLoadFailure(error);
        if (last.code !== 'SINK_UNREACHABLE') throw last;
      }
    }
    throw last;
  };
}

/** Reads `host:port`, as the specification's schema lets it pass. */
export function parseFrontend(text: string, tls: boolean): Endpoint {
  const colon = text.lastIndexOf(':');
  const host = text.slice(0, colon).replace(/^\[|\]$/g, '');
  return { host, port: Number(text.slice(colon + 1)), tls };
}
