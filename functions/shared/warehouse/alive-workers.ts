import * as z from 'zod';
import { exchange } from './exchange.ts';
import { frontendTurns, parseFrontend } from './frontend-turns.ts';
import type { Outbound } from './outbound.ts';

const health = z.object({
  online_backend_num: z.coerce.number(),
  total_backend_num: z.coerce.number(),
});

/**
 * How many backends of Apache Doris or StarRocks are alive, by `GET /api/health`, which asks for no login.
 *
 * @returns undefined where there are none to count, as with compute nodes over shared data, or where the
 * answer is another
 * @throws {LoadFailure} SINK_UNREACHABLE, SINK_REJECTED when no frontend is allowed
 */
export async function askAliveWorkers(
  outbound: Outbound,
  {
    frontends,
    tls,
    ca,
  }: {
    readonly frontends: readonly string[];
    readonly tls: boolean | 'frontends';
    /** Certificates (PEM) to trust instead of the well-known ones. */
    readonly ca?: string | undefined;
  },
): Promise<number | undefined> {
  const inTurn = frontendTurns(frontends.map((text) => parseFrontend(text, tls !== false)));
  return inTurn(async (endpoint) => {
    const request = { endpoint, method: 'GET', path: '/api/health', headers: {}, ca } as const;
    return readHealth((await exchange(outbound, request)).body);
  });
}

/** The number in an answer: StarRocks has it at its top, Doris in `data`. */
export function readHealth(body: string): number | undefined {
  try {
    const given = JSON.parse(body);
    const parsed = health.safeParse(given.data ?? given);
    if (!parsed.success || parsed.data.total_backend_num === 0) return undefined;
    return parsed.data.online_backend_num;
  } catch {
    return undefined;
  }
}
