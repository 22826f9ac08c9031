import { parseArgs } from 'node:util';
import { makeChapters } from '../beginnings/midway.ts';
import { REAL_SINKS, type RealSink } from '../doubles/sinks/simulated-sink.ts';
import { runMany } from '../many.ts';
import { runSchedule } from '../run-schedule.ts';
import { Tally } from '../tally.ts';
import { wholeNumber } from './whole-number.ts';

const HELP = `Runs the product's own scheduler, loader and API on stores in memory, under seeds that decide who goes
next and what goes wrong; then checks that every record is there exactly once and nothing is stuck.

  npm run simulate                            20,000 seeds from 1
  npm run simulate -- --seeds 100000 --from 7 so many seeds from there
  npm run simulate -- --seed 42               one seed, with everything that happens in it
  npm run simulate -- --sink s3               every seed with the product's own sink: s3, doris, starrocks or file
  npm run simulate -- --help                  this

Exits with 1 when a seed shows a violation, and prints how it came to that.`;

/** How much of a schedule is told after a violation; \`--seed\` tells all of it. */
const LINES_TOLD = 60;
const PROGRESS_EVERY_MS = 5_000;

// An error's stack costs more than a port call, and errors are ordinary here.
Error.stackTraceLimit = 0;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    sink: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const sink = realSink(values.sink);

if (values.help) console.log(HELP);
else if (values.seed !== undefined)
  process.exitCode = await replay(wholeNumber('seed', values.seed));
else {
  const seeds = wholeNumber('seeds', values.seeds);
  process.exitCode = await simulate({ seeds, from: wholeNumber('from', values.from) });
}

async function simulate(range: { seeds: number; from: number }): Promise<number> {
  const began = performance.now();
  const moments = await makeChapters();
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  console.log(`${moments} moments to go on from, made in ${seconds} s`);
  const tally = new Tally();
  let told = performance.now();
  await runMany({
    ...range,
    sink,
    onReport: (report) => {
      tally.add(report);
      if (performance.now() - told > PROGRESS_EVERY_MS) {
        told = performance.now();
        console.log(tally.progress());
      }
      return report.violation === undefined;
    },
  });
  console.log(tally.summary());
  const [violated] = tally.violated;
  if (violated === undefined) return 0;
  console.log(`\nseed ${violated.seed} violates ${violated.rule}: ${violated.detail}\n`);
  await replay(violated.seed, LINES_TOLD);
  const option = sink ? ` --sink ${sink}` : '';
  console.log(`\nnpm run simulate -- --seed ${violated.seed}${option} tells all of it`);
  return 1;
}

async function replay(seed: number, lastLines = Number.POSITIVE_INFINITY): Promise<number> {
  const lines: string[] = [];
  const { violation } = await runSchedule({ seed, sink, trace: (line) => lines.push(line) });
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
