import { parseArgs } from 'node:util';
import { explore } from '../explore/explore.ts';
import { wholeNumber } from './whole-number.ts';

const HELP = `Visits every state that the task protocol can reach: one lane with two tasks, and loaders whose store and
sink calls take effect in every possible order, within a bound on what goes wrong.

  npm run simulate:explore                    2 loaders, 2 crashes, 1 zombie, 1 write whose answer is lost
  npm run simulate:explore -- --invocations 3 --crashes 1 --ambiguous 0
  options: --loaders (alive at once), --invocations, --crashes, --ambiguous, --cycles (each makes one zombie),
  --seconds (gives up after that long; default 900)

Exits with 1 when a schedule violates a rule, and prints it; with 2 when the time did not suffice.`;

Error.stackTraceLimit = 0;

const { values } = parseArgs({
  options: {
    loaders: { type: 'string', default: '2' },
    invocations: { type: 'string', default: '2' },
    crashes: { type: 'string', default: '2' },
    ambiguous: { type: 'string', default: '1' },
    cycles: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '900' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(HELP);
else process.exitCode = await run();

async function run(): Promise<number> {
  const bound = {
    loadersAtOnce: wholeNumber('loaders', values.loaders),
    invocations: wholeNumber('invocations', values.invocations),
    crashes: wholeNumber('crashes', values.crashes),
    ambiguous: wholeNumber('ambiguous', values.ambiguous),
    cycles: wholeNumber('cycles', values.cycles),
  };
  const began = performance.now();
  const end = began + wholeNumber('seconds', values.seconds) * 1_000;
  const found = await explore(bound, { mayGoOn: () => performance.now() < end });
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  console.log(`bound: ${JSON.stringify(bound)}, 2 tasks of one lane`);
  console.log(
    `${found.states} states, ${found.schedules} schedules (${found.ends} to their end), ${seconds} s, ${found.complete ? 'complete' : 'NOT complete'}`,
  );
  if (found.violation) {
    const { rule, detail, schedule } = found.violation;
    console.log(`violates ${rule}: ${detail}\n  ${schedule.join('\n  ')}`);
    return 1;
  }
  console.log('0 violations');
  return found.complete ? 0 : 2;
}
