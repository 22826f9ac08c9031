import type { Task } from '#shared/domain/task.ts';
import type { Tables } from '#shared/store/tables.ts';
import { reofferLostTask } from '#shared/store/task-offers.ts';
import { claimTask } from '#shared/store/tasks.ts';
import { exampleError, NOW, taskNow } from '../../store-examples.ts';

/** The lease ran out: the task is offered again and another loader has claimed it. */
export async function takenOver(tables: Tables, task: Task): Promise<Task> {
  await reofferLostTask(tables, task, { error: exampleError(task), now: NOW + 1 });
  const again = await taskNow(tables, task);
  const claimed = await claimTask(tables, again, { owner: 'second', leaseUntil: NOW + 120_000 });
  if (!claimed) throw new Error('the task is not free');
  return claimed;
}
