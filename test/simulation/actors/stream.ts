import type { World } from '../world.ts';
import { startLoader } from './loaders.ts';

/** Odds per record that the stream loses it, delivers it twice, or only after minutes. */
const LOST = 0.25;
const TWICE = 0.25;
const LATE = 0.25;

/** Delivers every task that becomes PENDING to a loader, as the stream and its pipe do: at least once, or not at all. */
export function connectStream(world: World): void {
  const { faults, random, steps } = world;
  const deliver = (task: { jobId: string; taskId: string }) => {
    const delayMs = faults.happens('stream-late', LATE) ? random.between(1_000, 300_000) : 250;
    steps.add({
      at: steps.now + random.between(0, delayMs),
      process: undefined,
      run: () => startLoader(world, task),
    });
  };
  world.onPending = (task) => {
    if (faults.happens('stream-lost', LOST)) {
      world.trace?.('stream', `loses ${task.taskId}`);
      return;
    }
    deliver(task);
    if (faults.happens('stream-twice', TWICE)) deliver(task);
  };
}
