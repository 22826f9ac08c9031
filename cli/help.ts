import type { Command } from './command.ts';
import { TYPED } from './typed.ts';

const COMMON = [
  '  --url URL     the API; else ROUTINE_LOAD_URL, else npm start on this machine',
  "  --sign REGION sign requests to a domain name of your own (API Gateway's are signed anyway)",
  "  --json        the API's answer as it is",
];

/** All commands, on one screen of 24 lines. */
export function overview(commands: readonly Command[]): string {
  const heads = [...commands.map(head), 'help [command]'];
  const width = Math.max(...heads.map(({ length }) => length));
  return lines([
    `${TYPED} <command>`,
    ...[...commands.map(({ summary }) => summary), 'this page, or more about a command'].map(
      (summary, i) => `  ${(heads[i] ?? '').padEnd(width)}  ${summary}`,
    ),
    '',
    ...COMMON,
    'Exit codes: 0 fine, 1 the answer is no, 2 wrong usage, 3 the installation is away or refuses.',
  ]);
}

/** One command. */
export function helpOf(command: Command): string {
  return lines([
    `${TYPED} ${head(command)} [options]`,
    '',
    `${command.summary[0]?.toUpperCase()}${command.summary.slice(1)}.`,
    '',
    ...command.help,
    ...(command.help.length > 0 ? [''] : []),
    ...COMMON,
  ]);
}

function head({ name, words }: Command): string {
  return [name, ...words.map((word) => `<${word}>`)].join(' ');
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
