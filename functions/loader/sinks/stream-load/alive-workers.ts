import * as z from 'zod';
import type { WarehouseLink } from './warehouse-link.ts';

const health = z.object({
  online_backend_num: z.coerce.number(),
  total_backend_num: z.coerce.number(),
});

/**
 * How many backends are alive, by `GET /api/health` of both systems.
 *
 * @returns undefined where there are none to count, as with compute nodes over shared data
 */
export async function askAliveWorkers(link: WarehouseLink): Promise<number | undefined> {
  const { body } = await link.ask({ method: 'GET', path: '/api/health', headers: {} });
  return readHealth(body);
}

/** The number in an answer: the numbers stand at its top in StarRocks, in `data` in Doris. */
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
