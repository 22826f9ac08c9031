import { asLoadFailure, type LoadFailure } from '../domain/failure.ts';
import type { Endpoint } from './outbound.ts';

/** One frontend alone is asked again: it may redirect to another backend the next time. */
const FEWEST_TRIES = 2;

/** Makes an attempt with one frontend after the other while none can be reached. */
export type FrontendTurns = <T>(attempt: (frontend: Endpoint) => Promise<T>) => Promise<T>;

/**
 * Turns that begin with the frontend that answered last. Only SINK_UNREACHABLE leads on to the next: whatever
 * else one says, the others would say too.
 */
export function frontendTurns(frontends: readonly Endpoint[]): FrontendTurns {
  let preferred = 0;
  return async (attempt) => {
    let last: LoadFailure | undefined;
    const first = preferred;
    for (let i = 0; i < Math.max(frontends.length, FEWEST_TRIES); i += 1) {
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
