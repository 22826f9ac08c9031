import { planEvents } from './actors/events.ts';
import { connectStream } from './actors/stream.ts';
import { begin, type Start } from './beginnings/begin.ts';
import { checkContents } from './checks/contents.ts';
import type { Move } from './checks/records.ts';
import type { FaultCounts } from './engine/faults.ts';
import {
  type Progress,
  prove,
  redriveRest,
  resolve,
  resumePaused,
  runUntil,
  settle,
  sweepLeftovers,
} from './rest.ts';
import type { Size } from './scenario/scenario.ts';
import { type Violation, World, type WorldOptions } from './world.ts';

/** What one seed came to. */
export interface ScheduleReport {
  readonly seed: number;
  readonly violation: Violation | undefined;
  readonly faults: FaultCounts;
  readonly size: Size;
  /** What it began with. */
  readonly start: Start;
  /** Port calls that the product made. */
  readonly calls: number;
  /** Functions that were started: cycles, loaders, requests of users. */
  readonly processes: number;
  /** Moves of offsets by users, and by the policy of jobs that retention has overtaken. */
  readonly moves: Readonly<Record<Move['by'], number>>;
  /** Claims of a task that an earlier attempt had begun. */
  readonly takeovers: number;
  /** Steps that took effect when others might have gone first, rows that became visible, tasks. */
  readonly steps: number;
  readonly rows: number;
  readonly tasks: number;
  readonly states: readonly string[];
}

/**
 * Runs one seed from its first job to its last check. Where the run that it was to go on from has a violation itself,
 * that one is told.
 */
export async function runSchedule(options: WorldOptions): Promise<ScheduleReport> {
  const world = new World(options);
  connectStream(world);
  const start = await begin(world);
  const progress = { steps: 0 };
  if (world.scenario.size !== 'brief') await endureTrouble(world, progress);
  await settle(world, progress);
  world.faults.stop();
  if (world.scenario.size === 'brief' && resumePaused(world)) await settle(world, progress);
  if (!world.violation) await resolve(world, progress);
  if (!world.violation) await redriveRest(world, progress);
  if (!world.violation) await sweepLeftovers(world, progress);
  if (!world.violation) await prove(world, progress);
  if (!world.violation) {
    for (const job of world.scenario.jobs) checkContents(world.records, job);
  }
  return report(world, { seed: options.seed, start, steps: progress.steps });
}

async function endureTrouble(world: World, progress: Progress): Promise<void> {
  planEvents(world);
  await runUntil(world, world.steps.now + world.scenario.troubleMs, progress);
  world.faults.stop();
  for (const sink of world.sinks.values()) sink.downUntil = 0;
  world.trace?.('--', 'from here on nothing goes wrong any more');
  resumePaused(world);
}

function report(
  world: World,
  run: { readonly seed: number; readonly start: Start; readonly steps: number },
): ScheduleReport {
  let rows = 0;
  for (const sink of world.sinks.values()) rows += sink.visible.size;
  return {
    ...run,
    size: world.scenario.size,
    calls: world.calls.made,
    processes: world.processesStarted,
    takeovers: world.records.takeovers,
    moves: { seek: movesBy(world, 'seek'), policy: movesBy(world, 'policy') },
    violation: world.violation,
    faults: world.faults.counts,
    rows,
    tasks: world.records.tasks.size,
    states: [...world.records.jobs.values()].map((job) => String(job.state)),
  };
}

function movesBy({ records }: World, by: Move['by']): number {
  return records.moves.filter((move) => move.by === by).length;
}
