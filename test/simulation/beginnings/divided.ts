import { startCycle } from '../actors/cycles.ts';
import { quiescent } from '../engine/quiescent.ts';
import { shapeOnly } from '../scenario/small.ts';
import { World } from '../world.ts';
import { type Beginning, takeBeginning } from './beginning.ts';

const known = new Map<number, Promise<Beginning>>();

/** Where an undisturbed first cycle leaves a job of this shape: made by the product's own code when it is first asked for. */
export function dividedOf(shape: number): Promise<Beginning> {
  let beginning = known.get(shape);
  if (beginning === undefined) {
    beginning = makeDivided(shape);
    known.set(shape, beginning);
  }
  return beginning;
}

async function makeDivided(shape: number): Promise<Beginning> {
  const world = new World({ seed: shape, scenario: shapeOnly(shape), sink: 'model' });
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
  const { sinks, topics, ...beginning } = takeBeginning(world);
  return beginning;
}
