import type { Route } from '../../functions/api/find-route.ts';

/** What a caller may do, each including the one before: see jobs; make, pause and resume them; all. */
export const API_SCOPES = ['read', 'write', 'admin'] as const;
/** One of {@link API_SCOPES}. */
export type ApiScope = (typeof API_SCOPES)[number];

/** Changes that can be taken back, or change nothing. Any other, and whatever is added later, is for `admin`. */
const WRITE_PATHS: ReadonlySet<string> = new Set([
  '/jobs',
  '/jobs/{job}/pause',
  '/jobs/{job}/resume',
  '/previews',
  '/jobs/{job}/preview',
]);

/** The least scope that a route asks for. */
export function scopeOf({ method, path }: Pick<Route, 'method' | 'path'>): ApiScope {
  if (method === 'GET') return 'read';
  return method === 'POST' && WRITE_PATHS.has(path) ? 'write' : 'admin';
}

/** The scopes of a token that reach the route: a gateway lets pass who has any of them. */
export function acceptedScopes(route: Pick<Route, 'method' | 'path'>): string[] {
  return API_SCOPES.slice(API_SCOPES.indexOf(scopeOf(route))).map(
    (scope) => `routineload/${scope}`,
  );
}
