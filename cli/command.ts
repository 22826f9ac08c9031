import type { ParseArgsOptionsConfig } from 'node:util';
import type { Clock } from '#shared/clock.ts';
import type { TextOutput } from '../infra/local/demo/screen.ts';
import type { AskApi } from './api-client.ts';
import { type ExitCode, UsageError } from './exit-code.ts';
import { type Arguments, COMMON_OPTIONS, parseWords } from './read-arguments.ts';
import { TYPED } from './typed.ts';

/** Where text goes; `process.stdout` fits. */
export interface Terminal extends TextOutput {
  readonly rows?: number | undefined;
}

/** What a command works with. */
export interface CommandContext {
  readonly ask: AskApi;
  /** Answers only. */
  readonly out: Terminal;
  /** Progress, questions and what is wrong. */
  readonly err: Terminal;
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly clock: Clock;
  /** Ctrl-C. */
  readonly signal: AbortSignal;
  /** Print the API's answers as they are. */
  readonly json: boolean;
  readonly coloured: boolean;
  /** Another command as it is to be typed, for the same installation. */
  readonly typed: (...words: readonly string[]) => string;
}

/** What stands on the command line, as a command declared it. */
export interface Given<W extends readonly string[], O extends ParseArgsOptionsConfig> {
  readonly words: { readonly [K in keyof W]: string };
  readonly values: Arguments<O>;
}

/** A command before its types are forgotten. */
export interface CommandDefinition<W extends readonly string[], O extends ParseArgsOptionsConfig> {
  readonly name: string;
  /** What follows the name; `job` and `task` are ids or names. */
  readonly words: W;
  /** One line. */
  readonly summary: string;
  readonly options: O;
  /** Its options, and what else is to know; lines. */
  readonly help: readonly string[];
  readonly run: (given: Given<W, O>, context: CommandContext) => Promise<ExitCode>;
}

/** A command. */
export interface Command {
  readonly name: string;
  readonly words: readonly string[];
  readonly summary: string;
  readonly help: readonly string[];
  /**
   * Reads what follows the command's name.
   *
   * @throws {UsageError}
   */
  readonly read: (args: readonly string[]) => Reading;
}

/** A command with its arguments, ready to run. */
export interface Reading {
  readonly common: Arguments<typeof COMMON_OPTIONS>;
  readonly run: (context: CommandContext) => Promise<ExitCode>;
}

/** Makes a command of its definition, which is checked against what it declares. */
export function command<const W extends readonly string[], const O extends ParseArgsOptionsConfig>(
  definition: CommandDefinition<W, O>,
): Command {
  const { name, words, summary, help, options, run } = definition;
  return {
    name,
    words,
    summary,
    help,
    read: (args) => {
      const { values, positionals } = parseWords(args, { ...options, ...COMMON_OPTIONS });
      return {
        // The compiler cannot tell what the options of any one command add to these.
        common: values as unknown as Reading['common'],
        run: (context) => {
          demandWords(definition, positionals);
          // Their number was compared just now, and the options are those that were declared.
          const given = { words: positionals, values } as unknown as Given<W, O>;
          return run(given, context);
        },
      };
    },
  };
}

function demandWords(
  { name, words }: { readonly name: string; readonly words: readonly string[] },
  given: readonly string[],
): void {
  if (given.length !== words.length) {
    const wanted = words.map((word) => `<${word}>`).join(' ');
    throw new UsageError(
      `${name} must be followed by ${wanted === '' ? 'no word' : wanted}, got ${given.length} words; see ${TYPED} help ${name}`,
    );
  }
  for (const [i, word] of words.entries()) {
    if (word === 'job' || word === 'task') demandName(word, given[i] ?? '');
  }
}

/** Ids are ULIDs, and names are no wider; both go into paths as they are. */
const ID_OR_NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** @throws {UsageError} for what cannot be the id or the name of a job or a task */
export function demandName(what: 'job' | 'task', text: string): void {
  if (ID_OR_NAME.test(text)) return;
  const got = JSON.stringify(text);
  throw new UsageError(`a ${what} must be an id or a name, 1-64 of A-Z a-z 0-9 _ -, got ${got}`);
}
