import type { ParseArgsOptionsConfig } from 'node:util';
import type { CommandContext } from './command.ts';
import { UsageError } from './exit-code.ts';

/** Lists come in pages, newest first. */
export const PAGE_OPTIONS = {
  limit: { type: 'string' },
  cursor: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

export const PAGE_HELP = [
  '  --limit N     entries of a page, 1 to 100 (default: 20)',
  '  --cursor C    go on where an earlier page ended',
] as const;

const MOST_PER_PAGE = 100;

/**
 * The options as parameters of a request.
 *
 * @throws {UsageError}
 */
export function pageQuery({
  limit,
  cursor,
}: {
  readonly limit?: string | undefined;
  readonly cursor?: string | undefined;
}): Readonly<Record<string, string | undefined>> {
  const number = Number(limit ?? 1);
  if (!Number.isInteger(number) || number < 1 || number > MOST_PER_PAGE) {
    throw new UsageError(`--limit must be a whole number from 1 to ${MOST_PER_PAGE}, got ${limit}`);
  }
  return { limit, cursor };
}

/** What to type for the next page, if there is one. */
export function moreLines(
  { typed }: Pick<CommandContext, 'typed'>,
  words: readonly string[],
  cursor: string | undefined,
): string[] {
  return cursor === undefined ? [] : ['', `more: ${typed(...words, '--cursor', cursor)}`];
}
