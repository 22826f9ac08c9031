import { parseArgs } from 'node:util';
import { REAL_SINKS, type RealSink } from '../doubles/sinks/simulated-sink.ts';
import { runSchedule } from '../run-schedule.ts';
import { Tally, type Violated } from '../tally.ts';
import type { SeedsJob } from '../workers/jobs.ts';
import { Pool } from '../workers/pool.ts';
import { Rate } from '../workers/rate.ts';
import { sweep } from './sweep.ts';
import { wholeNumber } from './whole-number.ts';

const HELP = `Runs the product's own scheduler, loader and API on stores in memory, under seeds that decide who goes
next and what goes wrong; then checks that every record is there exactly once and nothing is stuck.

  npm run simulate                            20,000 seeds from 1
  npm run simulate -- --seeds 100000 --from 7 so many seeds from there
  npm run simulate -- --seed 42               one seed, with everything that happens in it
  npm run simulate -- --sink s3               every seed with the product's own sink: s3, doris, starrocks or file
  npm run simulate -- --whole                 whole worlds only: each seed is the number of one
  npm run simulate -- --sweep                 counted off, not drawn: each single fault at each call of a loader's way
                                              back from every moment; --chapters 16 sweeps so many of 512 runs
  npm run simulate -- --workers 1             by one thread, instead of one for each core
  npm run simulate -- --help                  this

Exits with 1 when a seed shows a violation, and prints how it came to that.`;

/** How much of a schedule is told after a violation; \`--seed\` tells all of it. */
const LINES_TOLD = 60;
const PROGRESS_EVERY_MS = 5_000;
/** Seeds that a thread is given at once. */
const BLOCK = 1_024;

// An error's stack costs more than a port call, and errors are ordinary here.
Error.stackTraceLimit = 0;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    sink: { type: 'string' },
    whole: { type: 'boolean', default: false },
    sweep: { type: 'boolean', default: false },
    chapters: { type: 'string', default: '512' },
    workers: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const sink = realSink(values.sink);
const { whole } = values;
const threads = values.workers === undefined ? undefined : wholeNumber('workers', values.workers);

if (values.help) console.log(HELP);
else if (values.seed !== undefined)
  process.exitCode = await replay(wholeNumber('seed', values.seed));
else {
  const seeds = wholeNumber('seeds', values.seeds);
  process.exitCode = await simulate({ seeds, from: wholeNumber('from', values.from) });
}

/** Runs seeds in blocks, by as many threads as asked for; stops at the first violation. */
async function simulate(range: { seeds: number; from: number }): Promise<number> {
  const pool = new Pool(threads, { waysBack: !whole && sink === undefined });
  const began = performance.now();
  const moments = await pool.ready();
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  console.log(
    `${moments} moments to go on from, made in ${seconds} s by each of ${pool.threads} threads`,
  );
  if (values.sweep) {
    const code = await sweep(pool, wholeNumber('chapters', values.chapters));
    await pool.close();
    return code;
  }
  const tally = new Tally();
  const rate = new Rate();
  const progress = () =>
    `${tally.schedules} schedules, ${rate.of(tally.schedules)}, ${tally.violated.length} violations`;
  let told = performance.now();
  await pool.doAll(blocksOf(range), (counts) => {
    tally.merge(counts);
    if (performance.now() - told > PROGRESS_EVERY_MS) {
      told = performance.now();
      console.log(progress());
    }
    return tally.violated.length === 0;
  });
  console.log(`${progress()}\n${tally.summary()}`);
  await pool.close();
  return tell(tally.violated[0]);
}

function* blocksOf({ seeds, from }: { seeds: number; from: number }): Generator<SeedsJob, void> {
  for (let next = from; next < from + seeds; next += BLOCK) {
    yield { kind: 'seeds', from: next, seeds: Math.min(BLOCK, from + seeds - next), sink, whole };
  }
}

async function tell(violated: Violated | undefined): Promise<number> {
  if (violated === undefined) return 0;
  console.log(`\nseed ${violated.seed} violates ${violated.rule}: ${violated.detail}\n`);
  await replay(violated.seed, LINES_TOLD);
  const options = `${sink ? ` --sink ${sink}` : ''}${whole ? ' --whole' : ''}`;
  console.log(`\nnpm run simulate -- --seed ${violated.seed}${options} tells all of it`);
  return 1;
}

async function replay(seed: number, lastLines = Number.POSITIVE_INFINITY): Promise<number> {
  const lines: string[] = [];
  const { violation } = await runSchedule({ seed, sink, whole, trace: (line) => lines.push(line) });
  console.log(lines.slice(-lastLines).join('\n'));
  if (violation === undefined) console.log(`seed ${seed}: no violation`);
  return violation === undefined ? 0 : 1;
}

function realSink(given: string | undefined): RealSink | undefined {
  if (given === undefined) return undefined;
  const known = REAL_SINKS.find((kind) => kind === given);
  if (known) return known;
  throw new Error(`--sink must be ${REAL_SINKS.join(', ')}, got ${given}`);
}
