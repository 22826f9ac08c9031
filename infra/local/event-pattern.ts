import type { FilterCriteria } from '../settings/dispatch.ts';

/**
 * EventBridge event patterns, as much of them as the pipe needs: nested objects whose leaves are lists
 * of literals. The operators in braces (`prefix`, `exists`, ...) are refused, not ignored.
 */

type Literal = string | number | boolean | null;
type Pattern = { readonly [field: string]: Pattern | readonly Literal[] };

/**
 * A test for events out of filter criteria. Without any filter everything passes, as in EventBridge.
 *
 * @throws {Error} when a pattern is not JSON or uses an operator that is not known here
 */
export function eventFilter(criteria: FilterCriteria): (event: unknown) => boolean {
  const patterns = criteria.Filters.map(({ Pattern }) => checkedPattern(JSON.parse(Pattern), []));
  if (patterns.length === 0) return () => true;
  return (event) => patterns.some((pattern) => matches(pattern, event));
}

function matches(pattern: Pattern, event: unknown): boolean {
  if (typeof event !== 'object' || event === null) return false;
  const fields = event as Readonly<Record<string, unknown>>;
  return Object.entries(pattern).every(([field, expected]) =>
    isLiterals(expected)
      ? expected.includes(fields[field] as Literal)
      : matches(expected, fields[field]),
  );
}

function isLiterals(pattern: Pattern | readonly Literal[]): pattern is readonly Literal[] {
  return Array.isArray(pattern);
}

function checkedPattern(pattern: unknown, path: readonly string[]): Pattern {
  if (typeof pattern !== 'object' || pattern === null || Array.isArray(pattern)) {
    throw new Error(`an event pattern must be an object, got ${JSON.stringify(pattern)}`);
  }
  for (const [field, expected] of Object.entries(pattern)) {
    const place = [...path, field];
    if (!Array.isArray(expected)) {
      checkedPattern(expected, place);
    } else if (expected.some((value) => typeof value === 'object' && value !== null)) {
      throw new Error(
        `the event pattern at ${place.join('.')} must list literals, got ${JSON.stringify(expected)}`,
      );
    }
  }
  return pattern as Pattern;
}
