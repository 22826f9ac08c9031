import { isFinal, type JobState } from '#shared/domain/job-state.ts';
import { isComplete } from '#shared/domain/slice-plan.ts';
import { decodeLane } from '#shared/store/lane-record.ts';
import type { Item } from '#shared/store/tables.ts';
import type { JobDraft } from '../scenario/scenario.ts';
import type { Records } from './records.ts';

/** Which job has not come to rest and why, or `undefined` when all have: what "not stuck" means. */
export function whyRestless(world: { readonly records: Records }): string | undefined {
  const { records } = world;
  for (const draft of records.scenario.jobs) {
    const why = whyJobRestless(records, draft);
    if (why !== undefined) return `${draft.spec.name}: ${why}`;
  }
  return undefined;
}

/** The same of one job. */
export function whyJobRestless(records: Records, draft: JobDraft): string | undefined {
  const job = records.jobs.get(draft.id);
  if (job === undefined) return 'it does not exist';
  for (const task of records.tasks.values()) {
    if (task.pk !== draft.id) continue;
    if (task.status === 'PENDING' || task.status === 'RUNNING') {
      return `task ${task.sk} is ${task.status}`;
    }
  }
  const lanes = records.lanesOf(draft.id, job.generation);
  for (const { sk, taskId } of lanes) {
    const task = taskId === undefined ? undefined : records.tasks.get(String(taskId));
    if (taskId !== undefined && task?.status !== 'IN_DOUBT') {
      return `lane ${sk} waits for task ${taskId}, which is ${task?.status ?? 'nowhere'}`;
    }
  }
  return isFinal(job.state as JobState) || job.state === 'PAUSED'
    ? whyNotResting(job)
    : whyNotIdle(draft, job, lanes);
}

/** Paused for a person, or final: nobody visits it any more. */
function whyNotResting(job: Item): string | undefined {
  if (job.resume !== undefined && job.state === 'PAUSED') return 'it is to resume by itself';
  return job.dueAt === undefined ? undefined : `it is ${job.state}, and visited in every cycle`;
}

function whyNotIdle(draft: JobDraft, job: Item, lanes: readonly Item[]): string | undefined {
  if (job.state !== 'RUNNING') return `it is ${job.state}`;
  if (job.topicId !== draft.topic.id) return 'its topic is another one now';
  if (job.redrive !== undefined) return 'its dead letters are still to be loaded again';
  const partitions = new Set<number>();
  for (const item of lanes) {
    const lane = decodeLane(item);
    if (item.taskId !== undefined) return 'it is RUNNING with a lane in doubt';
    if (lane.until !== undefined && isComplete(lane)) return 'all is loaded, and it runs on';
    for (const [partition, next] of lane.next) {
      partitions.add(partition);
      const end = lane.until?.get(partition) ?? draft.topic.end(partition);
      if (next < end) return `partition ${partition} is at ${next} of ${end}`;
    }
  }
  const bounded = draft.spec.source.kafka.endOffsets !== undefined;
  const missing = [...draft.topic.logs.keys()].filter((partition) => !partitions.has(partition));
  return missing.length > 0 && !bounded ? `partitions ${missing} have no lane` : undefined;
}
