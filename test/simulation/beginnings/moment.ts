import { isFinal, type JobState } from '#shared/domain/job-state.ts';
import type { Item } from '#shared/store/tables.ts';
import type { World } from '../world.ts';

/** What kind of moment it is at which all functions have died, told by what matters most for what comes next. */
export const MOMENTS = [
  /** The job is divided: its generation is claimed, and none, some or all lanes are written. */
  'dividing',
  'in-doubt',
  /** Dead letters are loaded again; somebody has asked for it; they wait. */
  'redriving',
  'redrive-asked',
  'dead-letters',
  /** Decided while the job does not run any more. */
  'left-decided',
  /** Undecided while the job does not run any more. */
  'left-undecided',
  /** Nothing is alive, but something of a dead attempt is prepared. */
  'leftovers',
  /** A task of a generation that is over, or its lanes. */
  'old-generation',
  'committed',
  'decided',
  'prepared',
  'claimed',
  /** Offered again after an attempt. */
  'offered-again',
  'offered',
] as const;
export type Moment = (typeof MOMENTS)[number];

/** The moment that a world of one job is at; nothing when all is at rest, or begun no more. */
export function momentOf({ records, sinks }: World): Moment | undefined {
  const [job] = records.jobs.values();
  if (job === undefined) return undefined;
  const sink = sinks.get(String(job.id));
  if (Number(job.claimedGeneration) > Number(job.generation)) return 'dividing';
  const live = liveTask(records.tasks.values());
  if (live?.status === 'IN_DOUBT') return 'in-doubt';
  if (live === undefined) {
    const hasLeft = sink !== undefined && !sink.prepared.keys().next().done;
    if (hasLeft) return 'leftovers';
    if (job.state !== 'RUNNING' || records.letters.size === 0) return undefined;
    return job.redrive === undefined ? 'dead-letters' : 'redrive-asked';
  }
  if (live.redrive !== undefined) return 'redriving';
  if (live.generation !== job.generation) return 'old-generation';
  if (job.state !== 'RUNNING' || isFinal(job.state as JobState)) {
    return live.decision === undefined ? 'left-undecided' : 'left-decided';
  }
  if (live.decision !== undefined) {
    const { handle } = live.decision as { readonly handle?: Record<string, number> };
    return handle && !sink?.hasApplied(handle) ? 'decided' : 'committed';
  }
  if (live.status === 'PENDING') return live.attempt === 0 ? 'offered' : 'offered-again';
  const isPrepared = sink !== undefined && !sink.prepared.keys().next().done;
  return isPrepared ? 'prepared' : 'claimed';
}

/** The live task that has got furthest. */
function liveTask(tasks: Iterable<Item>): Item | undefined {
  let furthest: Item | undefined;
  for (const task of tasks) {
    if (rank(task) > 0 && (furthest === undefined || rank(task) > rank(furthest))) furthest = task;
  }
  return furthest;
}

function rank({ status, decision, redrive }: Item): number {
  if (status === 'IN_DOUBT') return 5;
  if (status !== 'RUNNING' && status !== 'PENDING') return 0;
  if (redrive !== undefined) return 4;
  if (decision !== undefined) return 3;
  return status === 'RUNNING' ? 2 : 1;
}
