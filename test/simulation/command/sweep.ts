import { CHAPTERS } from '../beginnings/midway.ts';
import { runSchedule } from '../run-schedule.ts';
import { addSweep, noSweep, type SweepCounts, type Swept, sweptWorld } from '../sweep.ts';
import type { Pool } from '../workers/pool.ts';
import { Rate } from '../workers/rate.ts';

const PROGRESS_EVERY_MS = 5_000;
/** Places in one chapter after the other, of different shapes, so that a part of a sweep is a fair part. */
const STRIDE = 131;

/** Sweeps chapters, prints what came of it, and how it came to the first violation. @returns the exit code */
export async function sweep(pool: Pool, chapters: number): Promise<number> {
  const sum = noSweep();
  const rate = new Rate();
  let told = performance.now();
  await pool.doAll(jobsOf(chapters), (counts) => {
    addSweep(sum, counts);
    if (performance.now() - told > PROGRESS_EVERY_MS) {
      told = performance.now();
      console.log(lineOf(sum, rate));
    }
    return sum.violated.length === 0;
  });
  console.log(lineOf(sum, rate));
  const faults = Object.entries(sum.byFault).map(([fault, count]) => `${fault} ${count}`);
  console.log(`what went wrong: ${faults.join(', ')}`);
  const [violated] = sum.violated;
  if (violated === undefined) return 0;
  console.log(`\n${placeOf(violated)} violates ${violated.rule}: ${violated.detail}\n`);
  const lines: string[] = [];
  await runSchedule({ ...(await sweptWorld(violated)), trace: (line) => lines.push(line) });
  console.log(lines.join('\n'));
  return 1;
}

function* jobsOf(chapters: number) {
  for (let i = 0; i < Math.min(chapters, CHAPTERS); i += 1) {
    yield { kind: 'sweep' as const, chapter: (i * STRIDE) % CHAPTERS };
  }
}

function lineOf({ moments, calls, schedules, violated }: SweepCounts, rate: Rate): string {
  return `each single fault at each of ${calls} calls from ${moments} moments: ${schedules} schedules, ${violated.length} violations, ${rate.of(schedules)}`;
}

function placeOf({ chapter, place, call, fault }: Swept): string {
  return `chapter ${chapter}, moment ${place}, call ${call}, ${fault}`;
}
