import { runCycle } from '../../../functions/scheduler/cycle.ts';
import { makeKafkaPort } from '../doubles/kafka-port.ts';
import { SETTINGS } from '../scenario/scenario.ts';
import type { World } from '../world.ts';

/** How long a cycle may take before it leaves jobs to the next one, in ms. */
const CYCLE_TIME_MS = 45_000;

/** Starts one scheduling cycle, as the schedule does. */
export function startCycle(world: World): void {
  world.spawn('scheduler', (process) => {
    const clock = world.clockOf(process);
    const { calls, faults } = world;
    return runCycle(
      {
        tables: world.tablesOf(process),
        clusters: makeKafkaPort({ process, calls, faults, topics: world.scenario.topics }),
        clock,
        newId: world.newId,
        log: world.logOf(process),
        settings: { ...SETTINGS, capacity: world.scenario.capacity },
      },
      clock.now() + CYCLE_TIME_MS,
    );
  });
}
