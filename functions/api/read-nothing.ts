import { explainIssues } from './explain-issues.ts';
import { jsonPointer } from './json-pointer.ts';
import type { Parsed } from './parsed.ts';
import { readJson } from './read-json.ts';
import { noParameters } from './read-query.ts';
import type { ApiRequest } from './request.ts';

/** The body of a request that has nothing to say: none, or an empty object. */
export function readNothing(request: ApiRequest): Parsed<object> {
  const body = readJson(request, ['application/json']) ?? {};
  const parsed = noParameters.safeParse(body, { reportInput: true });
  if (parsed.success) return { ok: true, value: parsed.data };
  const faults = explainIssues(parsed.error.issues).map(({ path, detail }) => ({
    pointer: jsonPointer(path),
    detail,
  }));
  return { ok: false, faults };
}
