import { holdsFor, type InferredTypes } from '#shared/domain/inferred-types.ts';
import type { Job } from '#shared/domain/job.ts';
import type { Lane } from '#shared/domain/lane.ts';
import { infersTypes } from '#shared/domain/spec/mapping.ts';
import type { Task, TaskStatus } from '#shared/domain/task.ts';
import { someAtOnce } from '#shared/some-at-once.ts';
import { readInferredTypes } from '#shared/store/inferred-types.ts';
import { readJob } from '#shared/store/jobs.ts';
import { readLanes } from '#shared/store/lanes.ts';
import type { Tables } from '#shared/store/tables.ts';
import { readTask } from '#shared/store/tasks.ts';

/** A job with what hangs on it. */
export interface JobSnapshot {
  readonly job: Job;
  /** Of the generation that counts. */
  readonly lanes: readonly Lane[];
  /** The tasks that hold a lane, of whatever generation: PENDING, RUNNING or IN_DOUBT. */
  readonly tasks: readonly Task[];
  /** The types that hold for its fields and that nobody declared. */
  readonly inferred?: InferredTypes | undefined;
}

/** Between the reads of one snapshot a job can be divided anew and lanes can go on to their next task. */
const TRIES = 4;

const FINISHED: readonly TaskStatus[] = ['DONE', 'CANCELLED'];

/**
 * Reads until the parts fit together, a few times at most: the job's generation is that of the lanes, and
 * no task that a lane named has finished since, for then the lane may have another.
 */
export async function readSnapshot(tables: Tables, job: Job): Promise<JobSnapshot> {
  for (let tries = 1; ; tries += 1) {
    const all = await readLanes(tables, job.id);
    const named = all.flatMap(({ taskId }) => taskId ?? []);
    const { id: jobId } = job;
    const tasks = await someAtOnce(named, (taskId) => readTask(tables, jobId, taskId));
    const current = (await readJob(tables, job.id)) ?? job;
    const lanes = all.filter((lane) => lane.generation === current.generation);
    const holding = tasks.filter((task) => typeof task === 'object').filter(isUnfinished);
    const fits = current.generation === job.generation && holding.length === named.length;
    if (fits || tries >= TRIES) {
      return { job: current, lanes, tasks: holding, inferred: await readInferred(tables, current) };
    }
    job = current;
  }
}

async function readInferred(tables: Tables, { id, spec }: Job): Promise<InferredTypes | undefined> {
  const types = infersTypes(spec) ? await readInferredTypes(tables, id) : undefined;
  return types && holdsFor(types, spec) ? types : undefined;
}

function isUnfinished(task: Task): boolean {
  return !FINISHED.includes(task.status);
}

/** Tasks that will still do something by themselves. One in doubt holds its lane, but waits for a person. */
export function inFlight({ tasks }: Pick<JobSnapshot, 'tasks'>): readonly Task[] {
  return tasks.filter(({ status }) => status !== 'IN_DOUBT');
}

/** Tasks that hold their lane until a person has said what became of them. */
export function inDoubt({ tasks }: Pick<JobSnapshot, 'tasks'>): readonly Task[] {
  return tasks.filter(({ status }) => status === 'IN_DOUBT');
}
