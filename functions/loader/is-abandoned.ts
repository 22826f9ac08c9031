import type { Task } from '#shared/domain/task.ts';

/**
 * Whether nothing that this attempt still has prepared can ever count: it did not decide and cannot any more, or what
 * it decided on is committed. A task that is gone was finished long ago; one in doubt is evidence.
 */
export function isAbandoned(task: Task | undefined, attempt: number): boolean {
  // A cancelled task may have a decision, when a person said that it did not come to anything.
  if (task === undefined || task.status === 'CANCELLED') return true;
  // What counted is visible; beside it there can be rows without any, or an upload begun by a request sent twice.
  if (task.status === 'DONE') return true;
  if (task.status === 'IN_DOUBT' || task.decision?.attempt === attempt) return false;
  return task.status !== 'RUNNING' || attempt < task.attempt;
}
