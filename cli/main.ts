/** `npm run -s jobs -- <command>`: Routine Load by its HTTP API, on this machine or on AWS. */
import { systemClock } from '#shared/clock.ts';
import { Ended, endSignal } from '../infra/local/ending.ts';
import { EXIT } from './exit-code.ts';
import { runCommandLine } from './run.ts';

// Who reads us may have seen enough, like head.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

try {
  process.exitCode = await runCommandLine(process.argv.slice(2), {
    env: process.env,
    out: process.stdout,
    err: process.stderr,
    input: process.stdin,
    clock: systemClock,
    signal: endSignal(process.env.npm_lifecycle_event === 'jobs'),
  });
} catch (error) {
  if (error instanceof Ended) {
    process.exitCode = EXIT.interrupted;
  } else {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = EXIT.no;
  }
}
