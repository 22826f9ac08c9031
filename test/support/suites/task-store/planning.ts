import { expect, it } from 'vitest';
import { insertLane, readLane } from '#shared/store/lanes.ts';
import { findLiveTasks, insertTask, listTasks, readTask } from '#shared/store/tasks.ts';
import { faultsOfWrites, LOST_ANSWERS, makeFaultyTables } from '../../faulty-tables.ts';
import {
  exampleLane,
  exampleTask,
  laneNow,
  NOW,
  offsets,
  plannedTask,
  taskNow,
} from '../../store-examples.ts';
import type { MakeTables } from '../make-tables.ts';

/** What the store promises about the planning of a task. */
export function describePlanning(make: MakeTables): void {
  it('a planned task has the lane, and the lane says so', async () => {
    const tables = await make();
    const lane = exampleLane();
    await insertLane(tables, lane);
    const task = exampleTask(lane);
    const ends = offsets({ 1: 101, 2: 202 });
    expect(await insertTask(tables, lane, task, ends)).toBe(true);
    expect(await taskNow(tables, task)).toEqual(task);
    expect(await laneNow(tables, lane)).toEqual({
      ...lane,
      taskId: task.id,
      revision: 1,
      ends,
      plannedAt: NOW,
    });
    expect((await findLiveTasks(tables)).count).toBe(1);
  });

  it('F5: of planners at once one wins, and the others leave no task', async () => {
    const tables = await make();
    const lane = exampleLane();
    await insertLane(tables, lane);
    const tasks = Array.from({ length: 4 }, () => exampleTask(lane));
    const won = await Promise.all(tasks.map((task) => insertTask(tables, lane, task, lane.ends)));
    expect(won.filter(Boolean)).toHaveLength(1);
    const winner = tasks[won.indexOf(true)];
    expect((await laneNow(tables, lane)).taskId).toBe(winner?.id);
    expect((await listTasks(tables, lane.jobId, { limit: 9 })).tasks).toEqual([winner]);
  });

  it('a lane that is held, has moved on, or is gone gets no task', async () => {
    const tables = await make();
    const { lane } = await plannedTask(tables);
    const missing = exampleLane();
    const moved = exampleLane({ revision: 3 });
    await insertLane(tables, moved);
    for (const read of [lane, { ...moved, revision: 2 }, missing]) {
      const task = exampleTask(read);
      expect(await insertTask(tables, read, task, read.ends)).toBe(false);
      expect(await readTask(tables, task.jobId, task.id)).toBeUndefined();
    }
    expect(await readLane(tables, missing)).toBeUndefined();
  });

  it('a task for another revision of the lane is refused', async () => {
    const tables = await make();
    const lane = exampleLane();
    await insertLane(tables, lane);
    const task = exampleTask(lane, { laneRevision: 0 });
    await expect(insertTask(tables, lane, task, lane.ends)).rejects.toMatchObject({
      code: 'INTERNAL',
    });
    expect(await laneNow(tables, lane)).toEqual(lane);
  });

  it.each(LOST_ANSWERS)('F6: a plan whose answer is lost (%s) is known to stand', async (fault) => {
    const tables = await make();
    const lane = exampleLane();
    await insertLane(tables, lane);
    const task = exampleTask(lane);
    const faulty = makeFaultyTables(tables, faultsOfWrites(fault));
    expect(await insertTask(faulty, lane, task, lane.ends)).toBe(true);
    await faulty.arrive();
    expect(await laneNow(tables, lane)).toMatchObject({ taskId: task.id, revision: 1 });
    expect((await listTasks(tables, lane.jobId, { limit: 9 })).tasks).toEqual([task]);
  });

  it('tasks are listed newest first, page by page', async () => {
    const tables = await make();
    const { lane } = await plannedTask(tables);
    for (const index of [1, 2]) await plannedTask(tables, { jobId: lane.jobId, index });
    const first = await listTasks(tables, lane.jobId, { limit: 2 });
    const rest = await listTasks(tables, lane.jobId, { limit: 2, cursor: first.cursor });
    expect([...first.tasks, ...rest.tasks].map((task) => task.lane)).toEqual([2, 1, 0]);
  });
}
