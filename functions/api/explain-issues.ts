import type * as z from 'zod';

/** Zod's issues in words that a user of the API can act on. */

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** One thing that is wrong, and where. */
export interface Explanation {
  readonly path: Path;
  readonly detail: string;
}

/**
 * One explanation per fault: every unknown field by itself, a union by the one of its forms that was
 * meant. Values are shown only where they are numbers: a string may be a secret in the wrong place.
 *
 * @param issues of a parse with `reportInput: true`, without which "is required" cannot be told from a wrong type
 */
export function explainIssues(issues: readonly Issue[]): Explanation[] {
  return issues.flatMap((issue) => explain(issue, []));
}

function explain(issue: Issue, above: Path): Explanation[] {
  const path = [...above, ...issue.path];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], detail: 'is not a known field' }));
    case 'invalid_union':
      return explainUnion(issue, path);
    case 'invalid_key':
      return [{ path, detail: `as a field name ${wordsOf(issue.issues)}` }];
    default:
      return [{ path, detail: describe(issue) }];
  }
}

function explainUnion(issue: z.core.$ZodIssueInvalidUnion, path: Path): Explanation[] {
  if (issue.discriminator !== undefined && 'options' in issue && issue.options) {
    const given = (issue.input as Record<string, unknown> | undefined)?.[issue.discriminator];
    const wanted = oneOf(issue.options);
    return [{ path, detail: given === undefined ? `is required: ${wanted}` : `must be ${wanted}` }];
  }
  // A form that only finds fault further inside is the one that was meant.
  const meant = issue.errors.filter((branch) => branch.every(({ path }) => path.length > 0));
  const [only, ...others] = meant;
  if (only && others.length === 0) return only.flatMap((inner) => explain(inner, path));
  if (issue.message !== 'Invalid input') return [{ path, detail: issue.message }];
  return [{ path, detail: issue.errors.map((branch) => wordsOf(branch)).join(', or ') }];
}

function wordsOf(issues: readonly Issue[]): string {
  return issues
    .flatMap((issue) => explain(issue, []))
    .map(({ detail }) => detail)
    .join(' and ');
}

function describe(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return describeType(issue.expected, issue.input);
    case 'invalid_value':
      return issue.input === undefined
        ? `is required: ${oneOf(issue.values)}`
        : `must be ${oneOf(issue.values)}`;
    case 'too_small':
      return describeSize(issue, { bound: 'at least', size: issue.minimum });
    case 'too_big':
      return describeSize(issue, { bound: 'at most', size: issue.maximum });
    case 'invalid_format':
      if (issue.format === 'datetime') return 'must be a time like "2026-01-01T00:00:00Z"';
      return issue.message;
    default:
      return issue.message;
  }
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a string',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

function describeType(expected: string, input: unknown): string {
  const wanted = TYPE_NAMES[expected] ?? expected;
  if (input === undefined) return `is required: ${wanted}`;
  return `must be ${wanted}, got ${shown(input)}`;
}

const UNITS: Readonly<Record<string, readonly [one: string, many: string]>> = {
  string: ['character', 'characters'],
  array: ['entry', 'entries'],
};

function describeSize(
  issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig,
  { bound, size }: { readonly bound: string; readonly size: number | bigint },
): string {
  const unit = UNITS[issue.origin];
  if (unit) return `must have ${bound} ${size} ${Number(size) === 1 ? unit[0] : unit[1]}`;
  return `must be ${bound} ${size}, got ${shown(issue.input)}`;
}

function shown(input: unknown): string {
  if (input === null) return 'null';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'number') return String(input);
  return typeof input === 'object' ? 'an object' : `a ${typeof input}`;
}

function oneOf(values: readonly unknown[]): string {
  const texts = values.map((value) => JSON.stringify(value));
  return texts.length === 1 ? String(texts[0]) : `one of ${texts.join(', ')}`;
}
