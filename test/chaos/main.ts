/** `npm run chaos`: kills and restarts everything at random while records are loaded, and compares at the end. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#shared/clock.ts';
import { Screen } from '../../infra/local/demo/screen.ts';
import { Ended, endSignal } from '../../infra/local/ending.ts';
import { requireJava, requireMaven } from '../../infra/local/prerequisites.ts';
import { HELP, parseChaosCommand } from './command-line.ts';
import { isFlawless } from './findings.ts';
import { reportLines } from './report.ts';
import { runChaos } from './run-chaos.ts';
import { startChaosStack } from './stack.ts';

const INTERRUPTED = 130;
const LINGER_MS = 1_000;

async function main(): Promise<number> {
  hideKafkajsWarning();
  const begun = systemClock.now();
  const command = parseChaosCommand(process.argv.slice(2), begun % 1_000_000);
  if (command.help) {
    process.stdout.write(HELP);
    return 0;
  }
  await requireJava();
  await requireMaven();
  const screen = new Screen(process.stdout, systemClock);
  const signal = endSignal(process.env.npm_lifecycle_event === 'chaos');
  const root = await mkdtemp(join(tmpdir(), 'routine-load-chaos-'));
  screen.say(`seed ${command.seed}, into ${command.destinations.join(', ')}, in ${root}`);
  let flawless = false;
  try {
    const stack = await startChaosStack(root, {
      clock: systemClock,
      destinations: command.destinations,
    });
    try {
      const deps = { stack, command, clock: systemClock, screen, signal };
      const { done, findings } = await runChaos(deps);
      const seconds = ((systemClock.now() - begun) / 1_000).toFixed(1);
      for (const line of reportLines(done, findings)) screen.say(line);
      screen.say(`seed ${command.seed}, ${seconds} s`);
      flawless = isFlawless(findings);
      return flawless ? 0 : 1;
    } finally {
      screen.show([]);
      await stack.close();
    }
  } finally {
    if (command.keep || (!flawless && !signal.aborted)) screen.say(`kept: ${root}`);
    else await rm(root, { recursive: true, force: true });
  }
}

/** kafkajs asks for a timeout in the past once in a while, which Node 24 makes 1 ms of, and reports. */
function hideKafkajsWarning(): void {
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (warning.name !== 'TimeoutNegativeWarning') process.stderr.write(`${warning}\n`);
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  process.exitCode = error instanceof Ended ? INTERRUPTED : 1;
  if (!(error instanceof Ended)) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  }
}
// A socket that lingers in some client must not keep a finished run alive.
setTimeout(() => process.exit(), LINGER_MS).unref();
