import * as z from 'zod';
import { explainIssues } from './explain-issues.ts';
import type { Parsed } from './parsed.ts';
import type { ApiRequest } from './request.ts';

const DEFAULT_LIMIT = 20;
const MOST_PER_PAGE = 100;

/** A parameter that may be given once. All parameters come as lists, since they may be repeated. */
export const once = z
  .array(z.string())
  .refine((values) => values.length === 1, 'must be given once')
  .transform(([value = '']) => value);

/** A parameter that may be repeated, or hold a list with commas. */
export function listOf<const V extends readonly [string, ...string[]]>(values: V) {
  return z
    .array(z.string())
    .transform((given) => given.flatMap((part) => part.split(',')))
    .pipe(z.array(z.enum(values)));
}

/** The parameters of a list that comes in pages. */
export const pageParameters = {
  limit: once
    .pipe(z.string().regex(/^\d{1,9}$/, `must be a whole number from 1 to ${MOST_PER_PAGE}`))
    .transform(Number)
    .pipe(z.number().min(1).max(MOST_PER_PAGE))
    .default(DEFAULT_LIMIT),
  cursor: once.optional(),
};

/** For routes without parameters. */
export const noParameters = z.strictObject({});

/** A request's query parameters; unknown ones are faults. */
export function readQuery<S extends z.ZodType>(
  { query }: Pick<ApiRequest, 'query'>,
  schema: S,
): Parsed<z.output<S>> {
  const given = Object.fromEntries([...new Set(query.keys())].map((k) => [k, query.getAll(k)]));
  const parsed = schema.safeParse(given, { reportInput: true });
  if (parsed.success) return { ok: true, value: parsed.data };
  return {
    ok: false,
    faults: explainIssues(parsed.error.issues).map(({ path, detail }) => ({
      parameter: String(path[0] ?? ''),
      detail: detail === 'is not a known field' ? 'is not a known parameter' : detail,
    })),
  };
}
