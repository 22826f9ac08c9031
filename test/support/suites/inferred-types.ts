import { describe, expect, it } from 'vitest';
import type { InferredTypes } from '#shared/domain/inferred-types.ts';
import type { HistoryEntry } from '#shared/domain/job.ts';
import type { Task } from '#shared/domain/task.ts';
import { keepInferredTypes, readInferredTypes } from '#shared/store/inferred-types.ts';
import { listHistory } from '#shared/store/jobs.ts';
import type { Tables } from '#shared/store/tables.ts';
import { releaseTask } from '#shared/store/task-offers.ts';
import { claimTask } from '#shared/store/tasks.ts';
import { faultsOfWrites, LOST_ANSWERS, makeFaultyTables } from '../faulty-tables.ts';
import { exampleError, NOW, newId, runningTask, taskNow } from '../store-examples.ts';

/** What the store promises about inferred types, on any tables: one loader's types stand, and no zombie's. */

type Make = () => Promise<Tables>;

interface Change {
  readonly types: InferredTypes;
  readonly before: InferredTypes | undefined;
  readonly entry: HistoryEntry;
}

function changeOf(task: Task, fields: Partial<InferredTypes> = {}, before?: InferredTypes): Change {
  const id = newId();
  const types: InferredTypes = {
    id,
    basis: '{"type":"json"}',
    types: new Map([
      ['zebra', 'BIGINT'],
      ['10', 'VARCHAR'],
      ['ape', 'DECIMAL(38,2)'],
    ]),
    fromSchema: new Set(['10']),
    rows: 3,
    leftOut: ['Zebra'],
    taskId: task.id,
    at: NOW,
    ...fields,
  };
  const reason = { code: 'TYPES_INFERRED', message: 'inferred', at: NOW } as const;
  return { types, before, entry: { id, at: NOW, kind: 'types', reason } };
}

const entriesOf = async (tables: Tables, { jobId }: Task) =>
  (await listHistory(tables, jobId, { limit: 10 })).entries.map(({ id }) => id);

/** @param make new and empty tables for every test */
export function describeInferredTypes(name: string, make: Make): void {
  describe(`inferred types in the store: ${name}`, () => {
    it('are read as they were kept, fields in their order, with an entry in the history', async () => {
      const tables = await make();
      const { task } = await runningTask(tables);
      expect(await readInferredTypes(tables, task.jobId)).toBeUndefined();
      const change = changeOf(task);
      expect(await keepInferredTypes(tables, task, change)).toBe(true);
      const read = await readInferredTypes(tables, task.jobId);
      expect(read).toEqual(change.types);
      expect([...read!.types.keys()]).toEqual(['zebra', '10', 'ape']);
      expect(await entriesOf(tables, task)).toEqual([change.entry.id]);
    });

    it('of two loaders at once are those of one of them', async () => {
      const tables = await make();
      const { task } = await runningTask(tables);
      const changes = [changeOf(task), changeOf(task)];
      const kept = await Promise.all(
        changes.map((change) => keepInferredTypes(tables, task, change)),
      );
      expect(kept.filter(Boolean)).toHaveLength(1);
      const winner = changes[kept.indexOf(true)]!;
      expect((await readInferredTypes(tables, task.jobId))?.id).toBe(winner.types.id);
      expect(await entriesOf(tables, task)).toEqual([winner.entry.id]);
    });

    it('that hold no more are replaced once', async () => {
      const tables = await make();
      const { task } = await runningTask(tables);
      const old = changeOf(task);
      await keepInferredTypes(tables, task, old);
      const next = changeOf(task, { basis: '{"type":"csv"}' }, old.types);
      expect(await keepInferredTypes(tables, task, next)).toBe(true);
      expect(await keepInferredTypes(tables, task, changeOf(task, {}, old.types))).toBe(false);
      expect((await readInferredTypes(tables, task.jobId))?.basis).toBe('{"type":"csv"}');
    });

    it('of an attempt that has lost its task never stand', async () => {
      const tables = await make();
      const { task } = await runningTask(tables);
      await releaseTask(tables, task, { error: exampleError(task), notBefore: NOW });
      expect(await keepInferredTypes(tables, task, changeOf(task))).toBe(false);
      const again = await taskNow(tables, task);
      const second = await claimTask(tables, again, { owner: 'second', leaseUntil: NOW + 60_000 });
      expect(await keepInferredTypes(tables, task, changeOf(task))).toBe(false);
      expect(await readInferredTypes(tables, task.jobId)).toBeUndefined();
      expect(await keepInferredTypes(tables, second!, changeOf(second!))).toBe(true);
    });

    it.each(LOST_ANSWERS)('stand once when the answer to their write is %s', async (fault) => {
      const tables = await make();
      const { task } = await runningTask(tables);
      const faulty = makeFaultyTables(tables, faultsOfWrites(fault));
      const change = changeOf(task);
      expect(await keepInferredTypes(faulty, task, change)).toBe(true);
      await faulty.arrive();
      expect((await readInferredTypes(tables, task.jobId))?.id).toBe(change.types.id);
      expect(await entriesOf(tables, task)).toEqual([change.entry.id]);
    });
  });
}
