import * as z from 'zod';
import { answer } from '../answer.ts';
import type { Route } from '../find-route.ts';
import { openApi } from '../openapi/open-api.ts';
import { required } from '../parsed.ts';
import { noParameters, readQuery } from '../read-query.ts';

/**
 * `GET /openapi.json`: all routes with what they take, as OpenAPI 3.1, made of the schemas that requests are judged by.
 *
 * @param routes this one among them, hence a function
 */
export function showApi(routes: () => readonly Route[]): Route {
  return {
    method: 'GET',
    path: '/openapi.json',
    run: async (_deps, request) => {
      required({ query: readQuery(request, noParameters) });
      return answer(z.record(z.string(), z.unknown()), openApi(routes(), { base: request.base }));
    },
  };
}
