import { isFinal, type JobState } from '#shared/domain/job-state.ts';
import { parseAttemptLabel } from '#shared/domain/task.ts';
import { SinkModel } from '../doubles/sink-model.ts';
import type { JobDraft } from '../scenario/scenario.ts';
import type { Records } from './records.ts';

/** What may be left prepared in a sink, once all is at rest. */

/** Whether the attempt of a label does not hold its task, or holds it no more. */
export function hasLost({ tasks }: Records, label: string): boolean {
  const parsed = parseAttemptLabel(label);
  const task = tasks.get(parsed?.taskId ?? '');
  return task?.status !== 'RUNNING' || task.attempt !== parsed?.attempt;
}

/** Leftovers that a sweep should have removed; a task in doubt keeps its own as evidence. */
export function leftoversOf({ sinks, tasks }: Records, { id }: Pick<JobDraft, 'id'>): string[] {
  const labels = [...(sinks.get(id)?.prepared.keys() ?? [])];
  return labels.filter((label) => {
    const taskId = parseAttemptLabel(label)?.taskId;
    return taskId === undefined || tasks.get(taskId)?.status !== 'IN_DOUBT';
  });
}

/**
 * What is left of a job that never loads again, so that no loader will come by: only what a zombie prepared when it
 * had lost its task already, and what a loader could not remove since the sink did not answer.
 */
export function litterOf(records: Records, { id }: Pick<JobDraft, 'id'>): string[] {
  const job = records.jobs.get(id);
  const sink = records.sinks.get(id);
  if (!isFinal(job?.state as JobState) || !(sink instanceof SinkModel)) return [];
  return leftoversOf(records, { id }).filter((label) => {
    const { taskId = '' } = parseAttemptLabel(label) ?? {};
    return !records.unremoved.has(taskId) && !sink.prepared.get(label)?.isLate;
  });
}
