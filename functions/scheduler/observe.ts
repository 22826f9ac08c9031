import { asLoadFailure, LoadFailure } from '#shared/domain/failure.ts';
import type { Job } from '#shared/domain/job.ts';
import type { OffsetMap } from '#shared/domain/offsets.ts';
import { loadsDeadLetters } from '#shared/domain/redrive.ts';
import { timestampOf } from '#shared/domain/start-offsets.ts';
import type { Task } from '#shared/domain/task.ts';
import type { KafkaCluster, OffsetQuery, TopicDescription } from '#shared/kafka/cluster.ts';
import { someAtOnce } from '#shared/some-at-once.ts';
import { wantedDeadLetters } from '#shared/store/dead-letters.ts';
import { readLanes } from '#shared/store/lanes.ts';
import type { Tables } from '#shared/store/tables.ts';
import { readTask } from '#shared/store/tasks.ts';
import { type AgeLook, isAgesTurn, observeAge } from './observe-age.ts';
import type { Observed, SourceView } from './observed.ts';
import { currentLanes } from './plan-tasks.ts';

/** The reading half of a cycle. */

/**
 * What the store says about a job: its lanes, and the live tasks that they name. Also those of generations that
 * are over: a late cycle may have given such a lane a task, which has to be seen off like any other.
 */
export async function observeStore(
  tables: Tables,
  job: Job,
): Promise<Pick<Observed, 'job' | 'lanes' | 'tasks' | 'deadLetters'>> {
  const lanes = await readLanes(tables, job.id);
  const ids = lanes.flatMap(({ taskId }) => taskId ?? []);
  const read = await someAtOnce(ids, (id) => readTask(tables, job.id, id));
  const tasks = new Map<string, Task>();
  for (const task of read) if (task) tasks.set(task.id, task);
  // After the lanes: dead letters that are there while the redrive lane is idle are no task's.
  const asked = loadsDeadLetters(job) ? job.redrive : undefined;
  const deadLetters = asked && (await wantedDeadLetters(tables, job.id, asked));
  return { job, lanes, tasks, deadLetters };
}

/** One cluster as a cycle uses it: its topics were asked for in one request. */
export interface ClusterView {
  readonly cluster: KafkaCluster;
  /** A failure where a topic could not be asked for. */
  readonly topics: ReadonlyMap<string, TopicDescription | LoadFailure>;
}

/**
 * What the cluster says about a job's topic. A failure is a value here: it is one job's trouble, and the
 * cycle goes on.
 */
export async function observeSource(
  { cluster, topics }: ClusterView,
  { job, lanes }: Pick<Observed, 'job' | 'lanes'>,
  look?: AgeLook,
): Promise<SourceView | LoadFailure> {
  const { topic: name, isolation, partitions: fixed } = job.spec.source.kafka;
  const topic = topics.get(name);
  if (topic instanceof LoadFailure) return topic;
  if (topic === undefined) return { topic, earliest: new Map(), latest: new Map(), at: new Map() };
  const known = currentLanes({ job, lanes }).flatMap((lane) => [...lane.next.keys()]);
  const wanted = new Set([...(fixed ?? topic.partitions), ...known]);
  const partitions = topic.partitions.filter((partition) => wanted.has(partition));
  const ask = (at: OffsetQuery): Promise<OffsetMap> =>
    cluster.listOffsets({ topic: name, partitions, at, isolation });
  try {
    const [earliest, latest] = await Promise.all([ask('earliest'), ask('latest')]);
    const at = new Map<number, OffsetMap>();
    for (const timestampMs of timesToAsk(job)) at.set(timestampMs, await ask({ timestampMs }));
    if (job.state !== 'RUNNING' || look === undefined || !isAgesTurn(job, look)) {
      return { topic, earliest, latest, at };
    }
    const unloaded = { job, lanes: currentLanes({ job, lanes }), earliest, latest };
    const age = await observeAge(cluster, unloaded, look.now);
    return { topic, earliest, latest, at, age };
  } catch (error) {
    return asLoadFailure(error);
  }
}

/** The times that the coming division resolves; a running job needs none. */
function timesToAsk(job: Job): ReadonlySet<number> {
  const { startOffsets, endOffsets } = job.spec.source.kafka;
  if (job.state !== 'NEED_SCHEDULE') return new Set();
  const times = [startOffsets, endOffsets, job.seek].map(timestampOf);
  return new Set(times.filter((time) => time !== undefined));
}

/**
 * What the destination says about its workers, for a job whose lanes depend on them. A failure takes the place of
 * the source's answer: it is one job's trouble in the same way.
 */
export async function observeWorkers(
  {
    destinationWorkers,
  }: { readonly destinationWorkers?: (job: Job) => Promise<number | undefined> },
  { job, source }: Pick<Observed, 'job' | 'source'>,
): Promise<Pick<Observed, 'source' | 'aliveWorkers'>> {
  if (source === undefined || source instanceof LoadFailure) return { source };
  try {
    return { source, aliveWorkers: await destinationWorkers?.(job) };
  } catch (error) {
    return { source: asLoadFailure(error) };
  }
}
