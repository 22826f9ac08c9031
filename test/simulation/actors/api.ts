import type { ApiDeps } from '../../../functions/api/deps.ts';
import type { Route } from '../../../functions/api/find-route.ts';
import { ApiProblem } from '../../../functions/api/problem.ts';
import type { Process } from '../engine/process.ts';
import { SETTINGS } from '../scenario/scenario.ts';
import type { World } from '../world.ts';

const NOTHING = Buffer.alloc(0);

/** What the API's routes need, for one request. */
export function apiDeps(world: World, process: Process): ApiDeps {
  return {
    tables: world.tablesOf(process),
    clock: world.clockOf(process),
    newId: world.newId,
    limits: {
      MAX_BATCH_ROWS: SETTINGS.maxBatchRows,
      MAX_BATCH_BYTES: SETTINGS.maxBatchBytes,
      ALLOWED_BROKERS: ['*'],
      ALLOWED_DESTINATIONS: ['*'],
      ALLOWED_ENDPOINTS: undefined,
      ALLOWED_REGISTRIES: ['*'],
      FILE_DIRECTORIES: ['/tables'],
    },
    cycleMs: SETTINGS.cycleMs,
    retentionDays: SETTINGS.retentionDays,
    log: world.logOf(process),
  };
}

/**
 * Asks a route of the API.
 *
 * @returns the answer's body; nothing when it was refused with a reason, which is an answer like any other
 */
export async function ask(
  deps: ApiDeps,
  route: Route,
  request: { readonly parameters: Readonly<Record<string, string>>; readonly body?: object },
): Promise<unknown> {
  try {
    const { body = 'null' } = await route.run(deps, {
      method: route.method,
      path: '',
      base: '',
      parameters: request.parameters,
      query: new URLSearchParams(),
      headers: { 'content-type': 'application/json' },
      body: request.body ? Buffer.from(JSON.stringify(request.body)) : NOTHING,
    });
    return JSON.parse(body);
  } catch (error) {
    if (error instanceof ApiProblem || isIllegalChange(error)) return undefined;
    throw error;
  }
}

function isIllegalChange(error: unknown): boolean {
  return error instanceof Error && error.name === 'IllegalStateChange';
}
