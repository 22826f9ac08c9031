import { type JobAnswer, jobAnswer } from './answers.ts';
import type { CommandContext } from './command.ts';
import { counted } from './figures.ts';
import { patiently } from './patiently.ts';

const LOOK_EVERY_MS = 1_000;

/**
 * Waits until no task of a job is in flight, and tells on `err` how many are left. A task may take as long as a
 * loader lives: 15 minutes.
 *
 * @throws the reason of the signal; Unreachable and Refused as {@link patiently}
 */
export async function awaitQuiet(context: CommandContext, job: string): Promise<JobAnswer> {
  const { ask, clock, err, signal } = context;
  const look = patiently(context, () => ask({ method: 'GET', path: `/jobs/${job}` }, jobAnswer));
  for (let told: number | undefined; ; ) {
    const { value } = await look();
    const { tasksInFlight } = value;
    if (tasksInFlight === 0) return value;
    if (told !== tasksInFlight)
      err.write(`waiting for ${counted(tasksInFlight, 'task')} in flight to end\n`);
    told = tasksInFlight;
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
}
