import type { MemorySnapshot } from '../support/memory-state.ts';
import { startCycle } from './actors/cycles.ts';
import type { Records } from './checks/records.ts';
import { quiescent } from './engine/quiescent.ts';
import { shapeOnly } from './scenario/small.ts';
import { World } from './world.ts';

/** Where an undisturbed first cycle has left a job: what schedules of the same shape go on from. */
export interface Beginning {
  readonly tables: MemorySnapshot;
  readonly records: Records;
  /** Ids that are taken. */
  readonly ids: number;
}

const known = new Map<number, Promise<Beginning>>();

/** The beginning of a shape, made by the product's own code when it is first asked for. */
export function beginningOf(shape: number): Promise<Beginning> {
  let beginning = known.get(shape);
  if (beginning === undefined) {
    beginning = makeBeginning(shape);
    known.set(shape, beginning);
  }
  return beginning;
}

async function makeBeginning(shape: number): Promise<Beginning> {
  const world = new World({ seed: shape, scenario: shapeOnly(shape) });
  world.faults.stop();
  await world.createJobs();
  startCycle(world);
  await quiescent();
  for (
    let step = world.steps.next(world.steps.now);
    step;
    step = world.steps.next(world.steps.now)
  ) {
    step.run();
    await quiescent();
  }
  if (world.violation || world.isBusy()) {
    throw new Error(`shape ${shape} does not begin well: ${JSON.stringify(world.violation)}`);
  }
  return { tables: world.base.snapshot(), records: world.records, ids: world.idsTaken };
}
