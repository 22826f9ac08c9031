import type { Clock } from '#shared/clock.ts';
import { asLoadFailure } from '#shared/domain/failure.ts';
import type { Job } from '#shared/domain/job.ts';
import type { KafkaClusters } from '#shared/kafka/cluster.ts';
import { NO_TRACE, type Trace } from '#shared/observe/trace.ts';
import { someAtOnce } from '#shared/some-at-once.ts';
import { findDueJobs, readJob } from '#shared/store/jobs.ts';
import { OutcomeUnknown, type Tables } from '#shared/store/tables.ts';
import { findLiveTasks } from '#shared/store/tasks.ts';
import { apply } from './apply.ts';
import { groupByCluster, type LazyView, lazyView } from './cluster-groups.ts';
import { planYields, type Standing, standingOf } from './fair-share.ts';
import { observeStore, observeWorkers } from './observe.ts';
import type { AgeLook } from './observe-age.ts';
import type { Action, Observed, PlanSettings } from './observed.ts';
import { asksKafka, plan } from './plan.ts';
import { planRounds } from './turns.ts';

/** What a cycle needs. `newId` gives ULIDs. */
export interface CycleDeps {
  readonly tables: Tables;
  readonly clusters: KafkaClusters;
  /** How many workers of the job's destination are alive; absent, or undefined, where none are counted. */
  readonly destinationWorkers?: (job: Job) => Promise<number | undefined>;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly settings: PlanSettings & { readonly capacity: number; readonly retentionDays: number };
  readonly log: (message: string, facts: Readonly<Record<string, unknown>>) => void;
  /** Told of every look at a job and of what was planned; absent where nobody measures. */
  readonly onVisit?: (observed: Observed, actions: readonly Action[]) => void;
  readonly trace?: Trace;
}

/** What a cycle did, for logs and metrics. */
export interface CycleReport {
  readonly jobs: number;
  readonly actions: number;
  /** Jobs left for the next cycle because time was up. */
  readonly left: number;
  readonly failures: number;
}

/** A state change may call for more at once (divide, then plan slices); this bounds it. */
const MOST_PASSES = 4;

/** Room for live tasks, shared by all jobs of a cycle. Only a bound on this cycle's plans: the index may lag. */
interface Room {
  left: number;
  readonly share: number;
  /** How many tasks more a job may be given, where its round limits that. */
  readonly allowed: Map<string, number>;
  /** Of the jobs that were visited, in that order. */
  readonly standings: Map<string, Standing>;
}

type Report = { -readonly [Field in keyof CycleReport]: CycleReport[Field] };

/**
 * One scheduling cycle: looks at every job that is due and does what is missing. Two cycles at once, or one
 * that dies half way, do no harm: every action is conditional on what it was decided from.
 *
 * @param deadline epoch ms; jobs not begun by then wait for the next cycle
 */
export async function runCycle(deps: CycleDeps, deadline: number): Promise<CycleReport> {
  const { tables, clock, settings } = deps;
  const now = clock.now();
  const due = await findDueJobs(tables, now);
  const live = await findLiveTasks(tables);
  const report: Report = { jobs: 0, actions: 0, left: 0, failures: 0 };
  const jobs = await jobsToVisit({ ...deps, report }, { due, live: live.ofJobs, now });
  const { capacity, cycleMs } = settings;
  const turns = planRounds(jobs, { live: live.ofJobs, capacity, now, cycleMs });
  const room: Room = {
    left: capacity - live.count,
    share: turns.share,
    allowed: new Map(turns.allowed),
    standings: new Map(),
  };
  for (const round of turns.rounds) {
    await visitAll(deps, round, { room, report, deadline, look: { now, cycleMs } });
  }
  await askToYield(deps, { room, report });
  return report;
}

async function visitAll(
  deps: CycleDeps,
  jobs: readonly Job[],
  cycle: { room: Room; report: Report; readonly deadline: number; readonly look: AgeLook },
): Promise<void> {
  const { clusters, clock, trace = NO_TRACE } = deps;
  await someAtOnce(groupByCluster(jobs), async (group) => {
    const view = lazyView(clusters, group, cycle.look);
    for (const job of group) {
      if (clock.now() >= cycle.deadline) cycle.report.left += 1;
      else {
        const look = (inside: Trace) => visit({ ...deps, trace: inside }, job, { view, ...cycle });
        await trace.span('job', look, { jobId: job.id });
      }
    }
    await view.close();
  });
}

/** Where jobs had to wait, asks others to make room for them: by the next cycle, or as soon as their slices end. */
async function askToYield(
  deps: CycleDeps,
  { room, report }: { readonly room: Room; readonly report: Report },
): Promise<void> {
  const { capacity, retentionDays } = deps.settings;
  const asks = planYields([...room.standings.values()], { capacity, room: room.left });
  await someAtOnce(asks, async ({ job, lanes }) => {
    report.actions += 1;
    try {
      await apply({ ...deps, retentionDays }, job, { kind: 'ask-to-yield', lanes });
    } catch (error) {
      noteFailure({ log: deps.log, report }, job.id, error);
    }
  });
}

/**
 * The jobs that are due, and those that rest with a task alive: a cycle that had read its job before it was
 * stopped or paused may have planned that task since, and nobody else would ever see it off.
 */
async function jobsToVisit(
  { tables, log, report }: Pick<CycleDeps, 'tables' | 'log'> & { report: { failures: number } },
  found: {
    readonly due: readonly string[];
    readonly live: ReadonlyMap<string, number>;
    readonly now: number;
  },
): Promise<Job[]> {
  const ids = [...new Set([...found.due, ...found.live.keys()])];
  const jobs = await someAtOnce(ids, (id) =>
    // One whose record newer code wrote is that code's to visit; the others go on.
    readJob(tables, id).catch((error: unknown) => noteFailure({ log, report }, id, error)),
  );
  return jobs.filter(
    (job) =>
      job !== undefined &&
      ((job.dueAt !== undefined && job.dueAt <= found.now) || found.live.has(job.id)),
  ) as Job[];
}

/** Visits a job; its trouble stays its own. */
async function visit(
  deps: CycleDeps,
  job: Job,
  shared: { readonly view: LazyView; room: Room; report: Report },
): Promise<void> {
  shared.report.jobs += 1;
  try {
    let current: Job | 'lost' | 'settled' = job;
    for (let pass = 1; pass <= MOST_PASSES && typeof current === 'object'; pass += 1) {
      current = await visitOnce(deps, current, shared);
    }
  } catch (error) {
    noteFailure({ log: deps.log, report: shared.report }, job.id, error);
  }
}

function noteFailure(
  { log, report }: Pick<CycleDeps, 'log'> & { report: { failures: number } },
  jobId: string,
  error: unknown,
): undefined {
  report.failures += 1;
  const { code, message } = asLoadFailure(error);
  // A store that stays silent about a write is no mistake of ours: the next cycle sees what became of it.
  const known = error instanceof OutcomeUnknown ? 'STORE_UNAVAILABLE' : code;
  log('job could not be visited', { jobId, code: known, message });
}

/** One pass. @returns the job when its state changed, so that another pass is due */
async function visitOnce(
  deps: CycleDeps,
  job: Job,
  { view, room, report }: { readonly view: LazyView; room: Room; report: Report },
): Promise<Job | 'lost' | 'settled'> {
  const { settings, clock, trace = NO_TRACE } = deps;
  const seen = await trace.span('observe', async () => {
    const stored = await observeStore(deps.tables, job);
    const source = asksKafka(stored) ? await view.source(stored) : undefined;
    return { ...stored, ...(await observeWorkers(deps, { job, source })) };
  });
  const { capacity } = settings;
  const allowed = room.allowed.get(job.id) ?? room.left;
  const observed: Observed = {
    ...seen,
    room: Math.min(room.left, allowed),
    capacity,
    share: room.share,
  };
  let current = job;
  const now = clock.now();
  const actions = plan(observed, settings, now);
  deps.onVisit?.(observed, actions);
  // Taken before anything is awaited: other groups plan meanwhile.
  const planned = actions.filter((action) => action.kind === 'plan-slice').length;
  room.left -= planned;
  if (room.allowed.has(job.id)) room.allowed.set(job.id, allowed - planned);
  for (const action of actions) {
    if (action.kind === 'rest' && current.dueAt === action.dueAt) continue;
    report.actions += 1;
    const before = current;
    const after = await trace.span('apply', () =>
      apply({ ...deps, retentionDays: settings.retentionDays }, before, action),
    );
    if (after === 'lost') return 'lost';
    if (after.state !== current.state) return after;
    current = after;
  }
  const mayWait = planned >= observed.room || job.state === 'NEED_SCHEDULE';
  const ideal = mayWait
    ? plan({ ...observed, room: Number.POSITIVE_INFINITY }, settings, now)
    : actions;
  room.standings.set(job.id, { ...standingOf(observed, actions, ideal), job: current });
  return 'settled';
}
