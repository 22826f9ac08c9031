import type { Clock } from '#shared/clock.ts';
import { changeState, tellStall } from '#shared/domain/change-job.ts';
import { giveUpRedrive } from '#shared/domain/change-redrive.ts';
import type { HistoryEntry, Job } from '#shared/domain/job.ts';
import { type Lane, NOTHING_LOADED } from '#shared/domain/lane.ts';
import { epochsOf } from '#shared/domain/leader-epochs.ts';
import type { Task } from '#shared/domain/task.ts';
import { cancelTask } from '#shared/store/finish.ts';
import { replaceJob } from '#shared/store/jobs.ts';
import { deleteDeadLane, insertLane } from '#shared/store/lanes.ts';
import { noteLeftAttempts } from '#shared/store/left-attempts.ts';
import type { Tables } from '#shared/store/tables.ts';
import { reofferLostTask, touchPendingTask } from '#shared/store/task-offers.ts';
import { insertTask } from '#shared/store/tasks.ts';
import type { Action, Jump, LaneDraft } from './observed.ts';

/** The writing half of a cycle. */

/** What applying needs. `newId` gives ULIDs. */
export interface ApplyDeps {
  readonly tables: Tables;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly retentionDays: number;
}

/** Jumps per history entry: at their longest these take a fifth of the 400 KB of an item. */
const JUMPS_PER_ENTRY = 500;

/** How many lanes are written at once. */
const LANES_AT_ONCE = 16;

/**
 * Does one action.
 *
 * @returns the job as it stands now when the action changed it; `lost` when somebody else had changed it
 * since it was read, so that nothing more should be done about it in this cycle
 */
export async function apply(deps: ApplyDeps, job: Job, action: Action): Promise<Job | 'lost'> {
  const { tables, clock, newId } = deps;
  const now = clock.now();
  switch (action.kind) {
    case 'reoffer':
      await reofferLostTask(tables, action.task, { error: action.error, now });
      return job;
    case 'touch':
      await touchPendingTask(tables, action.task, now);
      return job;
    case 'cancel':
      await cancel(deps, action.task);
      return job;
    case 'sweep-lane':
      await deleteDeadLane(tables, action.lane);
      return job;
    case 'open-lane':
      await insertLane(tables, action.lane);
      return job;
    case 'plan-slice':
      await insertTask(tables, action.lane, newTask(deps, job, action), action.ends);
      return job;
    case 'change-state': {
      const { to, code, message, detail } = action;
      const change = changeState(job, to, { token: newId(), now, code, message, detail });
      const won = await replaceJob(tables, job, change.after, change.entry);
      return won ? change.after : 'lost';
    }
    case 'rest':
    case 'note': {
      const fields = action.kind === 'rest' ? { dueAt: action.dueAt } : { note: action.note };
      const after: Job = { ...job, ...fields, changeToken: newId() };
      return (await replaceJob(tables, job, after)) ? after : 'lost';
    }
    case 'end-redrive':
      return endRedrive(deps, job, action);
    case 'tell-stall': {
      const { after, entry } = tellStall(job, action.stall, { token: newId(), now });
      return (await replaceJob(tables, job, after, entry)) ? after : 'lost';
    }
    case 'divide':
      return divideJob(deps, job, action);
  }
}

/** Cancels a task that no loader takes. Only loaders can remove what its attempts left: the next one hears of them. */
async function cancel(
  { tables, clock, newId, retentionDays }: ApplyDeps,
  task: Task,
): Promise<void> {
  const ending = { now: clock.now(), retentionDays };
  if (task.attempt > 0) {
    await noteLeftAttempts(tables, task, { ...ending, attempts: task.attempt, token: newId() });
  }
  await cancelTask(tables, task, { ...ending, token: newId() });
}

/**
 * Writes the lanes of a new generation, then flips the job to {RUNNING, that generation}. The flip is the
 * moment it counts. The generation is claimed first, so that two cycles never write lanes of the same one:
 * the claim changes the job's token, and whoever claimed before can no longer flip.
 */
async function divideJob(
  deps: ApplyDeps,
  job: Job,
  action: Extract<Action, { kind: 'divide' }>,
): Promise<Job | 'lost'> {
  const { tables, clock, newId } = deps;
  const generation = job.claimedGeneration + 1;
  const claimed: Job = { ...job, claimedGeneration: generation, changeToken: newId() };
  if (!(await replaceJob(tables, job, claimed))) return 'lost';

  const now = clock.now();
  const lanes = action.lanes.map((draft, index) =>
    newLane(job.id, { generation, index, now }, draft),
  );
  for (let i = 0; i < lanes.length; i += LANES_AT_ONCE) {
    const some = lanes.slice(i, i + LANES_AT_ONCE).map((lane) => insertLane(tables, lane));
    // Waits for all, also when one fails: a function that returns must leave no write under way.
    const failed = (await Promise.allSettled(some)).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }

  const flip = changeState(claimed, 'RUNNING', {
    token: newId(),
    now,
    code: 'SCHEDULED',
    message: `divided into ${lanes.length} lanes (generation ${generation})`,
    detail: { ...action.detail, generation, jumps: action.jumps.slice(0, JUMPS_PER_ENTRY) },
    fields: { generation, topicId: action.topicId, totals: action.totals, seek: undefined },
  });
  const further = furtherJumps(deps, flip.entry, { generation, jumps: action.jumps });
  return (await replaceJob(tables, claimed, flip.after, [flip.entry, ...further]))
    ? flip.after
    : 'lost';
}

async function endRedrive(
  { tables, clock, newId }: ApplyDeps,
  job: Job,
  { taskId, failure }: Extract<Action, { kind: 'end-redrive' }>,
): Promise<Job | 'lost'> {
  const token = newId();
  if (taskId === undefined || failure === undefined) {
    const after: Job = { ...job, redrive: undefined, changeToken: token };
    return (await replaceJob(tables, job, after)) ? after : 'lost';
  }
  const { after, entry } = giveUpRedrive(job, { token, now: clock.now(), taskId, failure });
  return (await replaceJob(tables, job, after, entry)) ? after : 'lost';
}

/** Jumps that the entry of the division has no room for: thousands of partitions can jump at once. */
function furtherJumps(
  { newId }: ApplyDeps,
  { at, reason }: HistoryEntry,
  { generation, jumps }: { readonly generation: number; readonly jumps: readonly Jump[] },
): HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  for (let i = JUMPS_PER_ENTRY; i < jumps.length; i += JUMPS_PER_ENTRY) {
    const detail = { generation, jumps: jumps.slice(i, i + JUMPS_PER_ENTRY) };
    entries.push({ id: newId(), at, kind: 'offsets', reason, detail });
  }
  return entries;
}

function newLane(
  jobId: string,
  at: { readonly generation: number; readonly index: number; readonly now: number },
  { kept, ...draft }: LaneDraft,
): Lane {
  const { generation, now } = at;
  const begin = [...draft.next].map(
    ([partition, offset]) => [partition, { offset, generation, at: now }] as const,
  );
  return {
    jobId,
    generation,
    index: at.index,
    ...draft,
    start: new Map([...begin, ...kept]),
    ...NOTHING_LOADED,
    createdAt: at.now,
  };
}

function newTask(
  { clock, newId }: ApplyDeps,
  job: Job,
  { lane, slice, redrive }: Extract<Action, { kind: 'plan-slice' }>,
): Task {
  const now = clock.now();
  return {
    jobId: job.id,
    id: newId(),
    lane: lane.index,
    generation: lane.generation,
    laneRevision: lane.revision + 1,
    specVersion: job.specVersion,
    slice,
    epochs: redrive ? undefined : epochsOf(lane.epochs, slice.keys()),
    redrive,
    status: 'PENDING',
    attempt: 0,
    failures: 0,
    offeredAt: now,
    offers: 1,
    createdAt: now,
  };
}
