import { apiClient } from './api-client.ts';
import type { Command, CommandContext, Reading } from './command.ts';
import { commands } from './commands/all.ts';
import { EXIT, type ExitCode, UsageError } from './exit-code.ts';
import { foreseen } from './foreseen.ts';
import { helpOf, overview } from './help.ts';
import { findInstallation } from './installation.ts';
import { findCommandName } from './read-arguments.ts';
import { signForGateway } from './sign-request.ts';
import { takesColours } from './style.ts';
import { typedCommand } from './typed.ts';

/** What the process gives. */
export interface Surroundings
  extends Pick<CommandContext, 'out' | 'err' | 'input' | 'clock' | 'signal'> {
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Runs a command line. What goes wrong is told on `err` and by the code.
 *
 * @throws the reason of the signal, and what nobody foresaw
 */
export async function runCommandLine(
  argv: readonly string[],
  surroundings: Surroundings,
): Promise<ExitCode> {
  const { out, err } = surroundings;
  const json = argv.includes('--json');
  try {
    const { name, args } = findCommandName(argv);
    if (name === undefined && !argv.some((arg) => ['--help', '-h'].includes(arg))) {
      err.write(overview(commands));
      return EXIT.usage;
    }
    if (name === undefined || name === 'help') return explain(args, out);
    const command = commandCalled(name);
    const reading = command.read(args);
    if (reading.common.help) return explain([name], out);
    return await reading.run(contextOf(reading, surroundings));
  } catch (error) {
    const failure = foreseen(error, { json });
    if (failure === undefined) throw error;
    err.write(`${failure.text}\n`);
    return failure.code;
  }
}

function commandCalled(name: string): Command {
  const found = commands.find((each) => each.name === name);
  if (found) return found;
  const allowed = commands.map((each) => each.name).join(', ');
  throw new UsageError(`the command must be one of ${allowed}, help, got ${JSON.stringify(name)}`);
}

function explain(args: readonly string[], out: CommandContext['out']): ExitCode {
  const name = args.find((arg) => !arg.startsWith('-'));
  out.write(name === undefined ? overview(commands) : helpOf(commandCalled(name)));
  return EXIT.fine;
}

function contextOf({ common }: Reading, { env, ...given }: Surroundings): CommandContext {
  const { url, sign, json } = common;
  const installation = findInstallation({ url, sign }, env);
  const { region } = installation;
  const signer = region === undefined ? undefined : signForGateway(region, given.clock);
  const place = [...option('--url', url), ...option('--sign', sign)];
  return {
    ...given,
    json,
    coloured: takesColours(given.out, env),
    ask: apiClient(installation, { sign: signer, signal: given.signal }),
    typed: (...words) => typedCommand([...words, ...place]),
  };
}

function option(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [name, value];
}
