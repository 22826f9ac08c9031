import { runMany } from '../many.ts';
import { MUTANTS } from '../mutants/all.ts';
import { type Hunt, hunt } from '../mutants/hunt.ts';
import { type SweepCounts, sweepChapter } from '../sweep.ts';
import { Tally } from '../tally.ts';
import type { WorldOptions } from '../world.ts';

/** What a thread is asked for: plain data, since functions cannot be sent. */

/** Some seeds. */
export interface SeedsJob extends Pick<WorldOptions, 'sink' | 'whole'> {
  readonly kind: 'seeds';
  readonly from: number;
  readonly seeds: number;
}

/** A guard to do without, by its place among all. */
export interface HuntJob {
  readonly kind: 'hunt';
  readonly place: number;
  readonly seeds: number;
}

/** A chapter of which every single fault at every call is tried. */
export interface SweepJob {
  readonly kind: 'sweep';
  readonly chapter: number;
}

export type Job = SeedsJob | HuntJob | SweepJob;

/** What comes back for each kind of job. */
export interface Results {
  readonly seeds: Pick<Tally, 'rows' | 'sizes' | 'moves' | 'starts' | 'states' | 'violated'>;
  /** With the seconds of CPU that it took. */
  readonly hunt: Hunt & { readonly seconds: number };
  readonly sweep: SweepCounts;
}

/** Does a job in this thread. */
export async function perform(job: Job): Promise<Results[Job['kind']]> {
  switch (job.kind) {
    case 'seeds': {
      const tally = new Tally();
      const { kind, ...range } = job;
      await runMany({
        ...range,
        onReport: (report) => {
          tally.add(report);
          return report.violation === undefined;
        },
      });
      return { ...tally };
    }
    case 'hunt': {
      const mutant = MUTANTS[job.place];
      if (mutant === undefined) throw new RangeError(`there is no guard ${job.place}`);
      const began = process.threadCpuUsage();
      const found = await hunt(mutant, { from: 1, seeds: job.seeds });
      const { user, system } = process.threadCpuUsage(began);
      return { ...found, seconds: (user + system) / 1_000_000 };
    }
    case 'sweep':
      return sweepChapter(job.chapter);
  }
}
