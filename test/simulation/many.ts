import type { RealSink } from './doubles/sinks/simulated-sink.ts';
import { runSchedule, type ScheduleReport } from './run-schedule.ts';
import type { Sabotage } from './world.ts';

/** Worlds that are simulated side by side: they share the one thing that costs time, see {@link quiescent}. */
const SIDE_BY_SIDE = 64;

/** Which seeds, what is switched off in them, and when to stop. */
export interface ManyOptions {
  readonly from: number;
  readonly seeds: number;
  readonly sabotage?: (() => Sabotage) | undefined;
  /** Of all seeds, instead of the sink that each has. */
  readonly sink?: RealSink | undefined;
  /** Called for each seed as it ends; `false` begins no more. */
  readonly onReport: (report: ScheduleReport) => boolean;
}

/** Runs seeds, each in a world of its own. */
export async function runMany(options: ManyOptions): Promise<void> {
  let next = options.from;
  const end = options.from + options.seeds;
  let goesOn = true;
  const lane = async () => {
    while (goesOn && next < end) {
      const seed = next;
      next += 1;
      const report = await runSchedule({
        seed,
        sabotage: options.sabotage?.(),
        sink: options.sink,
      });
      goesOn = options.onReport(report) && goesOn;
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, lane));
}
