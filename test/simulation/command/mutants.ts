import { parseArgs } from 'node:util';
import { MUTANTS } from '../mutants/all.ts';
import { type Hunt, hunt } from '../mutants/hunt.ts';
import { wholeNumber } from './whole-number.ts';

const HELP = `Switches off one guard of the protocol after the other, and looks for a seed that shows the damage.

  npm run simulate:mutants                    up to 20,000 seeds for each guard
  npm run simulate:mutants -- --seeds 2000    up to so many
  npm run simulate:mutants -- --only label    guards whose name holds the text

Exits with 1 when a guard is not missed: then the simulation does not test it.`;

Error.stackTraceLimit = 0;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20000' },
    only: { type: 'string', default: '' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(HELP);
else process.exitCode = await huntAll(wholeNumber('seeds', values.seeds), values.only);

async function huntAll(seeds: number, only: string): Promise<number> {
  const mutants = MUTANTS.filter(({ guard }) => guard.includes(only));
  const width = Math.max(...mutants.map(({ guard }) => guard.length));
  console.log(
    `${'guard switched off'.padEnd(width)} | seed  | schedules | what was violated first`,
  );
  let survivors = 0;
  for (const mutant of mutants) {
    const found = await hunt(mutant, { from: 1, seeds });
    if (found.killed === undefined) survivors += 1;
    console.log(`${found.guard.padEnd(width)} | ${fate(found)}`);
  }
  console.log(
    `${mutants.length - survivors} of ${mutants.length} guards are missed when they are gone`,
  );
  return survivors === 0 ? 0 : 1;
}

function fate({ killed }: Hunt): string {
  if (killed === undefined) return '-     | -         | nothing: it SURVIVED';
  const { seed, after, violation } = killed;
  const detail = violation.detail.replaceAll('0000000000000000000000000', '').slice(0, 100);
  return `${String(seed).padEnd(5)} | ${String(after).padEnd(9)} | ${violation.rule}: ${detail}`;
}
