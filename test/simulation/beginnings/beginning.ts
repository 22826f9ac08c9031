import type { MemorySnapshot } from '../../support/memory-state.ts';
import { Records } from '../checks/records.ts';
import { SinkModel } from '../doubles/sink-model.ts';
import type { EarlierPages } from '../doubles/tables-port.ts';
import type { Topic } from '../doubles/topic.ts';
import type { World } from '../world.ts';

/**
 * A world at a moment at which no function is alive: all that there is then is in the stores, the sinks and the
 * topics. Any number of worlds may go on from it; none changes it.
 */
export interface Beginning {
  readonly tables: MemorySnapshot;
  readonly records: Records;
  /** By job; absent where nothing has been loaded. */
  readonly sinks?: ReadonlyMap<string, SinkModel>;
  /** By name; absent where each world draws its own records. */
  readonly topics?: ReadonlyMap<string, Topic>;
  /** What indexes that lag may still show. */
  readonly earlier: EarlierPages;
  /** Virtual ms. */
  readonly now: number;
  /** Ids that are taken. */
  readonly ids: number;
  readonly clocksAgreed: boolean;
  readonly cyclesAtOnce: number;
}

/** The world as it would be if all its functions died at this moment, with what they have sent and nobody has got. */
export function takeBeginning(world: World): Beginning {
  const records = new Records(world.records.witness, world.records);
  records.goOnFrom(world.records);
  const { truth } = world.records;
  return {
    tables: world.base.snapshot(),
    records,
    sinks: sinksOf(world),
    topics: new Map([...world.scenario.topics].map(([name, topic]) => [name, topic.copy()])),
    earlier: new Map(world.earlier),
    now: world.steps.now,
    ids: world.idsTaken,
    clocksAgreed: truth.clocksAgree(),
    cyclesAtOnce: truth.cyclesAtOnce(),
  };
}

function sinksOf({ sinks }: World): Map<string, SinkModel> {
  const copies = new Map<string, SinkModel>();
  for (const [job, sink] of sinks) if (sink instanceof SinkModel) copies.set(job, sink.copy());
  return copies;
}
