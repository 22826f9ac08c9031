import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { optionFault } from '../infra/local/option-fault.ts';
import { UsageError } from './exit-code.ts';
import { TYPED } from './typed.ts';

/** Options of every command; they may stand before its name, too. */
export const COMMON_OPTIONS = {
  url: { type: 'string' },
  sign: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const satisfies ParseArgsOptionsConfig;

/** Options with their values. */
export type Arguments<O extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ options: O; strict: true; allowPositionals: true }>
>['values'];

/** A command line cut in two: the command's name, and all else. */
export interface NamedCommand {
  readonly name: string | undefined;
  readonly args: readonly string[];
}

/** Finds the command's name: the first word that is no option and no value of a common one. */
export function findCommandName(argv: readonly string[]): NamedCommand {
  const { tokens } = parseArgs({
    args: [...argv],
    options: COMMON_OPTIONS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const first = tokens.find(({ kind }) => kind === 'positional');
  if (first === undefined) return { name: undefined, args: argv };
  return { name: argv[first.index], args: argv.toSpliced(first.index, 1) };
}

/**
 * Options and words.
 *
 * @throws {UsageError} in one sentence when an option is unknown, or lacks its value
 */
export function parseWords<O extends ParseArgsOptionsConfig>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
  } catch (cause) {
    throw new UsageError(`${optionFault(cause)}; see ${TYPED} help`, { cause });
  }
}
