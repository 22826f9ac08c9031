import { describe, expect, it } from 'vitest';
import {
  forgetLeftAttempts,
  listLeftAttempts,
  noteLeftAttempts,
} from '#shared/store/left-attempts.ts';
import { OutcomeUnknown, type Tables } from '#shared/store/tables.ts';
import { findLiveTasks, listTasks, recordDecision } from '#shared/store/tasks.ts';
import { faultsOfWrites, LOST_ANSWERS, makeFaultyTables } from '../faulty-tables.ts';
import { exampleDecision, NOW, newId, plannedTask, runningTask } from '../store-examples.ts';
import type { MakeTables } from './make-tables.ts';
import { takenOver } from './task-store/taken-over.ts';

const noteOf = (attempts: number, now = NOW) => ({
  attempts,
  now,
  token: newId(),
  retentionDays: 7,
});

/** What the store promises about attempts that may have left something in a sink. */
export function describeLeftAttempts(name: string, make: MakeTables): void {
  async function second(tables: Tables) {
    const { task: first } = await runningTask(tables);
    return { first, task: await takenOver(tables, first) };
  }

  describe(`attempts that may have left something: ${name}`, () => {
    it('are read as they were noted, and no list of tasks shows them', async () => {
      const tables = await make();
      const { task } = await second(tables);
      expect(await noteLeftAttempts(tables, task, noteOf(1))).toBe(true);
      const { jobId } = task;
      expect(await listLeftAttempts(tables, jobId)).toEqual([
        { jobId, taskId: task.id, attempts: 1, at: NOW },
      ]);
      expect((await listTasks(tables, jobId, { limit: 10 })).tasks).toEqual([task]);
      expect((await findLiveTasks(tables)).count).toBe(1);
      expect(await listLeftAttempts(tables, newId())).toEqual([]);
    });

    it('are forgotten by the table after some days', async () => {
      const tables = await make();
      const { task } = await second(tables);
      await noteLeftAttempts(tables, task, noteOf(1));
      const { items } = await tables.query('tasks', `LEFT#${task.jobId}`);
      expect(items[0]?.expiresAt).toBe(Math.floor(NOW / 1000) + 7 * 86_400);
    });

    it('F9: are not noted by one who has lost the task, so that none of them gets out of sight', async () => {
      const tables = await make();
      const { first, task } = await second(tables);
      await noteLeftAttempts(tables, task, noteOf(1));
      expect(await noteLeftAttempts(tables, first, noteOf(0, NOW + 1))).toBe(false);
      expect(await listLeftAttempts(tables, task.jobId)).toMatchObject([{ attempts: 1, at: NOW }]);
    });

    it('are not noted once one of them has decided', async () => {
      const tables = await make();
      const { task } = await second(tables);
      await recordDecision(tables, task, exampleDecision(task));
      expect(await noteLeftAttempts(tables, task, noteOf(2))).toBe(false);
      expect(await listLeftAttempts(tables, task.jobId)).toEqual([]);
    });

    it('are noted of a task that waits, by whoever cancels it', async () => {
      const tables = await make();
      const { task } = await plannedTask(tables);
      expect(await noteLeftAttempts(tables, task, noteOf(3))).toBe(true);
    });

    it.each(LOST_ANSWERS)('F6: are known to be noted when the answer is %s', async (fault) => {
      const tables = await make();
      const { task } = await second(tables);
      const faulty = makeFaultyTables(tables, faultsOfWrites(fault));
      expect(await noteLeftAttempts(faulty, task, noteOf(1))).toBe(true);
      await faulty.arrive();
      expect(await listLeftAttempts(tables, task.jobId)).toHaveLength(1);
    });

    it('are told as unknown when the store stays silent', async () => {
      const tables = await make();
      const { task } = await second(tables);
      const silent = makeFaultyTables(tables, () => 'lost-before');
      await expect(noteLeftAttempts(silent, task, noteOf(1))).rejects.toThrow(OutcomeUnknown);
    });

    it('are forgotten as they were read only: a later note stays', async () => {
      const tables = await make();
      const { task } = await second(tables);
      await noteLeftAttempts(tables, task, noteOf(1));
      const [read] = await listLeftAttempts(tables, task.jobId);
      const third = await takenOver(tables, task);
      await noteLeftAttempts(tables, third, noteOf(2, NOW + 5));
      await forgetLeftAttempts(tables, read!);
      const [later] = await listLeftAttempts(tables, task.jobId);
      expect(later).toMatchObject({ attempts: 2, at: NOW + 5 });
      await forgetLeftAttempts(tables, later!);
      expect(await listLeftAttempts(tables, task.jobId)).toEqual([]);
    });

    it.each(LOST_ANSWERS)(
      'are forgotten once, whatever becomes of the answer (%s)',
      async (fault) => {
        const tables = await make();
        const { task } = await second(tables);
        await noteLeftAttempts(tables, task, noteOf(1));
        const [read] = await listLeftAttempts(tables, task.jobId);
        const faulty = makeFaultyTables(tables, faultsOfWrites(fault));
        await forgetLeftAttempts(faulty, read!);
        await faulty.arrive();
        expect(await listLeftAttempts(tables, task.jobId)).toEqual([]);
      },
    );
  });
}
