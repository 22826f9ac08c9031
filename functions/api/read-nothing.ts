import type { Parsed } from './parsed.ts';
import { readBody } from './read-body.ts';
import { noParameters } from './read-query.ts';
import type { ApiRequest } from './request.ts';

/** The body of a request that has nothing to say: none, or an empty object. */
export function readNothing(request: ApiRequest): Parsed<object> {
  return readBody(request, noParameters);
}
