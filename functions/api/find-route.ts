import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type * as z from 'zod';
import type { ApiDeps } from './deps.ts';
import { ApiProblem } from './problem.ts';
import type { ApiRequest } from './request.ts';

/** One address and method of the API. In `path` a part in braces stands for any one part. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  /** What its body must be, for those that read one; `GET /openapi.json` tells it. */
  readonly body?: z.ZodType;
  readonly run: (deps: ApiDeps, request: ApiRequest) => Promise<APIGatewayProxyStructuredResultV2>;
}

/** A route with what the path says for its open parts. */
export interface FoundRoute {
  readonly route: Route;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * The route of a request. A path is taken to the letter: a slash at the end makes it another.
 *
 * @throws {ApiProblem} ROUTE_NOT_FOUND, or METHOD_NOT_ALLOWED with the header `allow`
 */
export function findRoute(
  routes: readonly Route[],
  { method, path }: Pick<ApiRequest, 'method' | 'path'>,
): FoundRoute {
  const here = routes.flatMap((route) => {
    const parameters = match(route.path, path);
    return parameters ? [{ route, parameters }] : [];
  });
  const found = here.find(({ route }) => route.method === method);
  if (found) return found;
  if (here.length === 0) {
    throw new ApiProblem('ROUTE_NOT_FOUND', 'there is nothing at this path');
  }
  const allow = here.map(({ route }) => route.method).join(', ');
  throw new ApiProblem('METHOD_NOT_ALLOWED', `the method must be ${allow}, got ${method}`, {
    headers: { allow },
  });
}

function match(template: string, path: string): Record<string, string> | undefined {
  const parts = path.split('/');
  const wanted = template.split('/');
  if (parts.length !== wanted.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [i, want] of wanted.entries()) {
    const part = parts[i] ?? '';
    if (want.startsWith('{') && part !== '') parameters[want.slice(1, -1)] = part;
    else if (want !== part) return undefined;
  }
  return parameters;
}
