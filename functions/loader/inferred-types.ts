import type { Clock } from '#shared/clock.ts';
import {
  basisOf,
  holdsFor,
  type InferredTypes,
  listedTypes,
  type TypeSample,
} from '#shared/domain/inferred-types.ts';
import type { HistoryEntry } from '#shared/domain/job.ts';
import type { Task } from '#shared/domain/task.ts';
import { keepInferredTypes, readInferredTypes } from '#shared/store/inferred-types.ts';
import type { Tables } from '#shared/store/tables.ts';
import type { Attempt } from './attempt.ts';
import { TaskLost } from './heartbeat.ts';
import type { TypesInStore } from './transform/infer/typed-spec.ts';

/** The types of an attempt's job, as they stand in the store. */
export function typesInStore(
  deps: { readonly tables: Tables; readonly clock: Clock; readonly newId: () => string },
  { job, task }: Pick<Attempt, 'job' | 'task'>,
): TypesInStore {
  const { tables, clock, newId } = deps;
  const read = () => readInferredTypes(tables, job.id);
  return {
    read,
    async keep(sample, before) {
      const basis = basisOf(job.spec);
      const types = { ...sample, id: newId(), basis, taskId: task.id, at: clock.now() };
      const entry = entryOf(types, task);
      if (await keepInferredTypes(tables, task, { types, before, entry })) return types;
      const others = await read();
      if (others && holdsFor(others, job.spec)) return others;
      throw new TaskLost(task);
    },
  };
}

function entryOf({ id, at, ...types }: InferredTypes, task: Task): HistoryEntry {
  return {
    id,
    at,
    kind: 'types',
    reason: { code: 'TYPES_INFERRED', message: messageOf(types), at },
    detail: {
      taskId: task.id,
      slice: task.slice,
      rows: types.rows,
      types: listedTypes(types),
      ...(types.leftOut.length > 0 && { leftOut: types.leftOut }),
    },
  };
}

function messageOf({ types, fromSchema, rows, leftOut }: TypeSample): string {
  const message =
    fromSchema.size === 0
      ? `types of ${types.size} fields inferred from a sample of ${rows} rows`
      : `types of ${types.size} fields from a sample of ${rows} rows, ${fromSchema.size} of them given by its schemas`;
  if (leftOut.length === 0) return message;
  return `${message}; fields that cannot be columns were left out, e.g. ${JSON.stringify(leftOut[0])}`;
}
