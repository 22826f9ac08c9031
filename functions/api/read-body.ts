import type * as z from 'zod';
import { explainIssues } from './explain-issues.ts';
import { jsonPointer } from './json-pointer.ts';
import type { Parsed } from './parsed.ts';
import { readJson } from './read-json.ts';
import type { ApiRequest } from './request.ts';

/** A request's JSON body by a schema, an absent one as an empty object; or all that is wrong with it. */
export function readBody<S extends z.ZodType>(request: ApiRequest, schema: S): Parsed<z.output<S>> {
  const body = readJson(request, ['application/json']) ?? {};
  const parsed = schema.safeParse(body, { reportInput: true });
  if (parsed.success) return { ok: true, value: parsed.data };
  const faults = explainIssues(parsed.error.issues).map(({ path, detail }) => ({
    pointer: jsonPointer(path),
    detail,
  }));
  return { ok: false, faults };
}
