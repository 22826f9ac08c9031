import type { Item } from '#shared/store/tables.ts';
import type { ItemChange } from '../../support/memory-state.ts';
import type { SimulatedSink } from '../doubles/sinks/simulated-sink.ts';
import type { Witness } from '../engine/calls.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { checkJobChange } from './job-rules.ts';
import { checkEpochs, checkLaneChange } from './lane-rules.ts';
import { checkTaskChange } from './task-rules.ts';

/** What no process knows, and what some rules depend on. */
export interface Truth {
  /** Virtual ms. */
  now(): number;
  /** Whether all clocks have shown the same time so far. */
  clocksAgree(): boolean;
  /** The most cycles that were ever under way at once; infinite when an index or a late write misled one. */
  cyclesAtOnce(): number;
}

/** Offsets of a partition that a job loads one after the other. */
export interface Run {
  /** The division that began it: tasks of this one, and of later ones up to the next run, belong to it. */
  readonly generation: number;
  /** The topic that it is of: another one of the same name is another one. */
  readonly topicId: unknown;
  readonly from: bigint;
  /** Where it was left; absent while it goes on. */
  to: bigint | undefined;
}

/** A partition that goes on elsewhere than where it stood. */
export interface Move {
  readonly jobId: string;
  readonly partition: string;
  readonly from: bigint;
  readonly to: bigint;
  readonly by: 'seek' | 'policy';
}

/** The name under which {@link Records.toldMoves} holds a move. */
export function nameOfMove(move: Pick<Move, 'jobId' | 'partition' | 'from' | 'to'>): string {
  return [move.jobId, move.partition, move.from, move.to].join(' ');
}

/** What the stores hold, kept beside them from their changes, with what only the order of changes tells. */
export class Records {
  readonly jobs = new Map<string, Item>();
  readonly lanes = new Map<string, Item>();
  readonly tasks = new Map<string, Item>();
  /** Records of dead letters that wait, by the task that left them. */
  readonly letters = new Map<string, Item>();
  /** Job to partition to what it loads without a break; a new one begins where offsets were moved. */
  readonly runs = new Map<string, Map<string, Run[]>>();
  /** Moves of offsets, as divisions made them and as histories tell them. */
  readonly moves: Move[] = [];
  readonly toldMoves = new Set<string>();
  /** Jobs whose user has moved their offsets, and that no division has followed yet. */
  readonly sought = new Set<string>();
  /** Job to the place in the order of changes at which it last stopped being RUNNING, or changed its generation. */
  readonly leftRunning = new Map<string, number>();
  /** Job to the place at which it last began or dropped a request for its dead letters. */
  readonly redriveChanged = new Map<string, number>();
  /** Task to the place at which its latest attempt began. */
  readonly claimed = new Map<string, number>();
  /** Tasks whose leftovers a loader could not remove, and has said so. */
  readonly unremoved = new Set<string>();
  /** Tasks in doubt that a person has looked into. */
  readonly resolving = new Set<string>();
  /** Counts all changes. */
  changes = 0;
  live = 0;
  /** Claims of tasks that an earlier attempt had begun. */
  takeovers = 0;
  readonly witness: Witness;
  readonly scenario: Scenario;
  readonly sinks: ReadonlyMap<string, SimulatedSink>;
  readonly truth: Truth;

  constructor(
    witness: Witness,
    world: {
      readonly scenario: Scenario;
      readonly sinks: ReadonlyMap<string, SimulatedSink>;
      readonly truth: Truth;
    },
  ) {
    this.witness = witness;
    this.scenario = world.scenario;
    this.sinks = world.sinks;
    this.truth = world.truth;
  }

  /** Goes on where the records of another world were left. */
  goOnFrom(earlier: Records): void {
    for (const [id, job] of earlier.jobs) this.jobs.set(id, job);
    for (const [key, lane] of earlier.lanes) this.lanes.set(key, lane);
    for (const [id, task] of earlier.tasks) this.tasks.set(id, task);
    for (const [id, runs] of earlier.runs) this.runs.set(id, copyOf(runs));
    for (const [id, place] of earlier.leftRunning) this.leftRunning.set(id, place);
    for (const [id, letters] of earlier.letters) this.letters.set(id, letters);
    for (const [id, place] of earlier.redriveChanged) this.redriveChanged.set(id, place);
    for (const [id, place] of earlier.claimed) this.claimed.set(id, place);
    for (const move of earlier.moves) this.moves.push(move);
    for (const name of earlier.toldMoves) this.toldMoves.add(name);
    for (const id of earlier.sought) this.sought.add(id);
    for (const id of earlier.unremoved) this.unremoved.add(id);
    this.changes = earlier.changes;
    this.live = earlier.live;
  }

  note(change: ItemChange): void {
    this.changes += 1;
    const { key, now } = change;
    if (key.pk.startsWith('LEFT#')) return;
    if (key.table === 'tasks') {
      if (now) this.tasks.set(key.sk, now);
      checkTaskChange(this, change);
    } else if (key.sk === 'JOB') {
      if (now) this.jobs.set(String(now.id), now);
      checkJobChange(this, change);
    } else if (key.sk.startsWith('HISTORY#')) {
      this.#noteHistory(key.pk.slice('JOB#'.length), now);
    } else if (key.sk.startsWith('LETTERS#')) {
      if (now) this.letters.set(String(now.taskId), now);
      else this.letters.delete(key.sk.slice('LETTERS#'.length));
    } else if (key.sk.startsWith('LANE#')) {
      if (now) this.lanes.set(`${key.pk}/${key.sk}`, now);
      else this.lanes.delete(`${key.pk}/${key.sk}`);
      checkLaneChange(this, change);
      checkEpochs(this, change);
    }
  }

  #noteHistory(jobId: string, entry: Item | undefined): void {
    const { jumps, taskId } = (entry?.detail ?? {}) as {
      readonly jumps?: readonly { partition: number; from: string; to: string }[];
      readonly taskId?: string;
    };
    const redrive = taskId !== undefined && this.tasks.get(taskId)?.redrive !== undefined;
    const code = (entry?.reason as Item | undefined)?.code;
    if (redrive && entry?.to === 'PAUSED' && code !== 'COMMIT_IN_DOUBT') {
      this.witness.violated('dead-letters-pause-no-job', `task ${taskId}: ${code}`);
    }
    for (const { partition, from, to } of jumps ?? []) {
      const move = { jobId, partition: String(partition), from: BigInt(from), to: BigInt(to) };
      this.toldMoves.add(nameOfMove(move));
    }
  }

  lanesOf(jobId: string, generation: unknown): Item[] {
    const lanes: Item[] = [];
    for (const lane of this.lanes.values()) {
      if (lane.jobId === jobId && lane.generation === generation) lanes.push(lane);
    }
    return lanes;
  }
}

function copyOf(runs: ReadonlyMap<string, readonly Run[]>): Map<string, Run[]> {
  const copy = new Map<string, Run[]>();
  for (const [partition, each] of runs)
    copy.set(
      partition,
      each.map((run) => ({ ...run })),
    );
  return copy;
}
