import { whyRestless } from '../checks/quiet.ts';
import type { Topic } from '../doubles/topic.ts';
import type { World } from '../world.ts';
import { startCycle } from './cycles.ts';
import { hasLetters, startUser } from './users.ts';

/** What happens by itself while the trouble lasts: cycles, users, records, partitions, a sink in trouble. */

const CYCLE_EVERY_MS = 60_000;
/** Users more, where dead letters wait already. */
const REDRIVERS = [0, 1, 2] as const;
/** Odds that a topic is deleted and created anew. */
const RECREATED = 0.15;

/** Puts all of it into virtual time, up to the end of the trouble. */
export function planEvents(world: World): void {
  const { random, steps, scenario, faults } = world;
  const end = scenario.troubleMs;
  const at = (ms: number, run: () => void) =>
    steps.add({ at: steps.now + ms, process: undefined, run });
  const isRejecting = scenario.jobs.some(({ id }) => hasLetters(world, id));
  const crowded = isRejecting ? 0.6 : scenario.crowded;
  // What happens at the very moment of the first division is what two divisions at once disagree about.
  const sometime = (run: () => void) =>
    at(random.chance(crowded) ? 0 : random.between(0, end), run);

  const cycle = () => {
    const mayBeIdle = scenario.idleCycles === 1 || random.chance(scenario.idleCycles);
    if (mayBeIdle || whyRestless(world) !== undefined) startCycle(world);
  };
  for (let ms = scenario.firstCycleMs; ms < end; ms += CYCLE_EVERY_MS) {
    at(ms, cycle);
    if (faults.happens('cycle-twice', crowded > 0 ? 0.8 : 0.3)) {
      const laterMs = random.chance(crowded) ? 0 : random.between(0, 30_000);
      at(ms + laterMs, () => startCycle(world));
    }
  }
  for (const { id, topic } of scenario.jobs) {
    const { users, produced, grows, deletions } = scenario.happenings(random);
    const redrivers = hasLetters(world, id) ? random.pick(REDRIVERS) : 0;
    for (let i = 0; i < users + redrivers; i += 1) sometime(() => startUser(world, id));
    for (let i = 0; i < produced; i += 1) {
      sometime(() => topic.produce(random.below(topic.logs.size), random.between(1, 2)));
    }
    for (let i = 0; i < deletions; i += 1) sometime(() => deleteSome(world, topic));
    if (grows) {
      sometime(() => {
        world.trace?.('topic', `${topic.name} gets another partition`);
        topic.addPartition(0n, random.between(0, 2));
      });
    }
    if (faults.happens('topic-recreated', RECREATED)) sometime(() => recreate(world, topic));
    planSinkTrouble(world, id, sometime);
  }
}

/** Somebody deletes the topic, and creates one of the same name. */
export function recreate({ random, trace }: World, topic: Topic): void {
  const counts = Array.from({ length: random.pick([1, 1, 2]) }, () => random.between(0, 3));
  trace?.('topic', `${topic.name} is deleted, and created with ${counts} records`);
  topic.recreate(counts);
}

/** Retention deletes the older part of a partition, at times all of it: whether it was loaded or not. */
export function deleteSome({ random, trace }: World, topic: Topic): void {
  const partition = random.below(topic.logs.size);
  const { start } = topic.log(partition);
  const left = Number(topic.end(partition) - start);
  const offset = start + BigInt(random.between(0, left));
  trace?.('topic', `retention deletes what stands before ${offset} in partition ${partition}`);
  topic.deleteBefore(partition, offset);
}

const SINK_TROUBLES = ['sink-down', 'sink-forgets-prepared', 'sink-forgets-labels'] as const;

function planSinkTrouble(world: World, jobId: string, sometime: (run: () => void) => void): void {
  if (!world.sinks.has(jobId)) return;
  for (const trouble of SINK_TROUBLES) {
    if (world.faults.happens(trouble, 0.3)) sometime(() => troubleSink(world, jobId, trouble));
  }
}

/** A job's sink does not answer for a while, or forgets. */
export function troubleSink(
  { random, steps, sinks, trace }: World,
  jobId: string,
  trouble: (typeof SINK_TROUBLES)[number],
): void {
  const sink = sinks.get(jobId);
  if (sink === undefined) return;
  switch (trouble) {
    case 'sink-down':
      sink.downUntil = steps.now + random.between(1_000, 200_000);
      trace?.('sink', `is down until ${sink.downUntil}`);
      return;
    case 'sink-forgets-prepared':
      trace?.('sink', 'forgets what is prepared');
      sink.forgetPrepared();
      return;
    case 'sink-forgets-labels':
      trace?.('sink', 'forgets the labels of what is committed');
      sink.forgetLabels();
  }
}
