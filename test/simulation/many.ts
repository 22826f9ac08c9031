import { runSchedule, type ScheduleReport } from './run-schedule.ts';
import type { WorldOptions } from './world.ts';

/** Worlds that are simulated side by side: they share the one thing that costs time, see {@link quiescent}. More of them are more for the collector to copy. */
const SIDE_BY_SIDE = 32;

/** Which seeds, in which worlds, and when to stop. */
export interface ManyOptions extends Pick<WorldOptions, 'sink' | 'whole'> {
  readonly from: number;
  readonly seeds: number;
  /** Called for each seed as it ends; `false` begins no more. */
  readonly onReport: (report: ScheduleReport) => boolean;
}

/** Runs seeds, each in a world of its own. */
export async function runMany({ from, seeds, onReport, ...of }: ManyOptions): Promise<void> {
  await runEach(
    (function* () {
      for (let seed = from; seed < from + seeds; seed += 1) yield { ...of, seed };
    })(),
    onReport,
  );
}

/**
 * Runs worlds.
 *
 * @param onReport called for each as it ends; `false` begins no more
 */
export async function runEach(
  worlds: Iterator<WorldOptions>,
  onReport: (report: ScheduleReport) => boolean,
): Promise<void> {
  let goesOn = true;
  const lane = async () => {
    for (let next = worlds.next(); goesOn && !next.done; next = worlds.next()) {
      goesOn = onReport(await runSchedule(next.value)) && goesOn;
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, lane));
}
