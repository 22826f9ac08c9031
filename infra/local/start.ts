/**
 * `npm start`: all parts of an installation on this machine, a demo on public data with its
 * verification, and then the installation at your service until Ctrl-C.
 */
import { once } from 'node:events';
import { systemClock } from '#shared/clock.ts';
import { type CommandLine, HELP, parseCommandLine } from './command-line.ts';
import { DATA_SETS } from './demo/data-sets.ts';
import { hintLines } from './demo/report.ts';
import { runDemo } from './demo/run-demo.ts';
import { Screen } from './demo/screen.ts';
import { Ended, endSignal } from './ending.ts';
import { beginAnew } from './fresh.ts';
import { hideKafkajsWarning } from './kafkajs-warning.ts';
import { type LocalInstallation, startInstallation } from './local-installation.ts';
import {
  LOCAL_ROOT,
  type LocalSettings,
  localFolders,
  readLocalSettings,
} from './local-settings.ts';
import { takeRunLock } from './run-lock.ts';
import { requireSameServers } from './same-servers.ts';

const INTERRUPTED = 130;
const LINGER_MS = 1_000;

async function main(): Promise<number> {
  hideKafkajsWarning();
  const command = parseCommandLine(process.argv.slice(2));
  if (command.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const settings = readLocalSettings(process.env);
  const screen = new Screen(process.stdout, systemClock);
  const signal = endSignal(process.env.npm_lifecycle_event === 'start');
  const folders = localFolders(LOCAL_ROOT);
  const lock = await takeRunLock(folders.root);
  try {
    if (command.fresh) {
      const topics = DATA_SETS.map(({ name }) => topicOf(settings, name));
      await beginAnew(settings, folders, topics);
    }
    await requireSameServers(settings, folders);
    const installation = await startInstallation(settings, folders, {
      clock: systemClock,
      onPart: (name, address) => screen.say(`${name.padEnd(10)} ${address}`),
      onTrouble: (message) => {
        if (!signal.aborted) screen.say(`! ${message}`);
      },
    });
    try {
      return await serve(installation, { command, settings, screen, signal });
    } finally {
      if (signal.aborted) screen.say('stopping');
      await installation.close();
    }
  } finally {
    await lock.release();
  }
}

/** The demo, then the installation at the user's service. @returns the exit code */
async function serve(
  installation: LocalInstallation,
  run: {
    readonly command: CommandLine;
    readonly settings: LocalSettings;
    readonly screen: Screen;
    readonly signal: AbortSignal;
  },
): Promise<number> {
  const { command, settings, screen, signal } = run;
  const { apiUrl, brokers, tablesDirectory } = installation;
  const exact = await runDemo({
    apiUrl,
    brokers,
    tablesDirectory,
    topicOf: (name) => topicOf(settings, name),
    rows: command.rows,
    clock: systemClock,
    screen,
    signal,
  }).catch((error: unknown) => {
    // Where somebody may still want to look around, a demo that failed does not end the rest.
    if (command.once || signal.aborted) throw error;
    screen.say(`the demo failed: ${messageOf(error)}`);
    return false;
  });
  if (!command.once) {
    screen.say('');
    for (const line of hintLines(apiUrl, brokers, topicOf(settings, 'movies'))) screen.say(line);
    if (!signal.aborted) await once(signal, 'abort');
  }
  return exact ? 0 : 1;
}

/** On a broker that somebody else runs, a topic called `flights` may be theirs. */
function topicOf({ KAFKA_BROKERS }: LocalSettings, name: string): string {
  return KAFKA_BROKERS ? `routine-load-demo.${name}` : name;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof Ended) {
    process.exitCode = INTERRUPTED;
  } else {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}
// A socket that lingers in some client must not keep a finished run alive.
setTimeout(() => process.exit(), LINGER_MS).unref();
