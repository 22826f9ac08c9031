import { parseArgs } from 'node:util';
import { MUTANTS } from '../mutants/all.ts';
import type { Results } from '../workers/jobs.ts';
import { Pool } from '../workers/pool.ts';
import { wholeNumber } from './whole-number.ts';

const HELP = `Switches off one guard of the protocol after the other, and looks for a seed that shows the damage.

  npm run simulate:mutants                    up to 20,000 seeds for each guard, each in a brief world and as a whole one
  npm run simulate:mutants -- --seeds 2000    up to so many
  npm run simulate:mutants -- --only label    guards whose name holds the text
  npm run simulate:mutants -- --workers 1     by one thread, instead of one for each core

Exits with 1 when a guard is not missed: then the simulation does not test it.`;

Error.stackTraceLimit = 0;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20000' },
    only: { type: 'string', default: '' },
    workers: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const threads = values.workers === undefined ? undefined : wholeNumber('workers', values.workers);

if (values.help) console.log(HELP);
else process.exitCode = await huntAll(wholeNumber('seeds', values.seeds), values.only);

async function huntAll(seeds: number, only: string): Promise<number> {
  const places = MUTANTS.flatMap(({ guard }, place) => (guard.includes(only) ? [place] : []));
  const width = Math.max(...places.map((place) => MUTANTS[place]?.guard.length ?? 0));
  const pool = new Pool(threads, { waysBack: true });
  await pool.ready();
  console.log(
    `${'guard switched off'.padEnd(width)} | seed  | world | schedules | CPU s | what was violated first`,
  );
  let survivors = 0;
  const jobs = places.map((place) => ({ kind: 'hunt' as const, place, seeds })).values();
  await pool.doAll(jobs, (found) => {
    if (found.killed === undefined) survivors += 1;
    console.log(`${found.guard.padEnd(width)} | ${fate(found)}`);
    return true;
  });
  await pool.close();
  console.log(
    `${places.length - survivors} of ${places.length} guards are missed when they are gone`,
  );
  return survivors === 0 ? 0 : 1;
}

function fate({ killed, seconds }: Results['hunt']): string {
  const cpu = seconds.toFixed(2).padEnd(5);
  if (killed === undefined) return `-     | -     | -         | ${cpu} | nothing: it SURVIVED`;
  const { seed, size, after, violation } = killed;
  const detail = violation.detail.replaceAll('0000000000000000000000000', '').slice(0, 100);
  const found = [String(seed).padEnd(5), size, String(after).padEnd(9), cpu];
  return `${found.join(' | ')} | ${violation.rule}: ${detail}`;
}
