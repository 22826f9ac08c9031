import type { Happening } from '../engine/planned-faults.ts';
import type { World } from '../world.ts';
import { startCycle } from './cycles.ts';
import { deleteSome, recreate, troubleSink } from './events.ts';
import { startLoader } from './loaders.ts';
import { startUser } from './users.ts';

/** Makes something happen to the one job of a brief world, now. */
export function happen(world: World, happening: Happening): void {
  const { random, scenario, faults, trace } = world;
  const [job] = scenario.jobs;
  if (job === undefined) return;
  const { id, topic } = job;
  switch (happening) {
    case 'another-loader':
      deliverAgain(world);
      return;
    case 'cycle':
      faults.count('cycle-twice');
      startCycle(world);
      return;
    case 'user':
      startUser(world, id);
      return;
    case 'records':
      topic.produce(random.below(topic.logs.size), random.between(1, 2));
      return;
    case 'retention':
      deleteSome(world, topic);
      return;
    case 'partition':
      trace?.('topic', `${topic.name} gets another partition`);
      topic.addPartition(0n, random.between(0, 1));
      return;
    case 'topic-recreated':
      faults.count('topic-recreated');
      recreate(world, topic);
      return;
    default:
      faults.count(happening);
      troubleSink(world, id, happening);
  }
}

/** The stream delivers tasks that are live a second time. */
function deliverAgain(world: World): void {
  for (const { pk, sk, status } of world.records.tasks.values()) {
    if (status !== 'PENDING' && status !== 'RUNNING') continue;
    world.faults.count('stream-twice');
    startLoader(world, { jobId: String(pk), taskId: String(sk) });
  }
}
