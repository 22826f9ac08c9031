import type { ApiAnswer } from './api-client.ts';
import type { CommandContext, Terminal } from './command.ts';
import { MOST_COLUMNS } from './table.ts';

/** Lines to where answers go. */
export function printLines({ out }: Pick<CommandContext, 'out'>, lines: readonly string[]): void {
  out.write(lines.map((line) => `${line}\n`).join(''));
}

/** The API's answer as it came where that was asked for, else what people are told of it. */
export function printAnswer<T>(
  context: CommandContext,
  answer: ApiAnswer<T>,
  lines: (value: T) => readonly string[],
): void {
  printLines(context, context.json ? [answer.text] : lines(answer.value));
}

/** How wide a line may be: never wider than what fits everywhere, and no wider than the terminal. */
export function widthOf({ isTTY, columns }: Terminal): number {
  return isTTY ? Math.min(columns ?? MOST_COLUMNS, MOST_COLUMNS) : MOST_COLUMNS;
}
