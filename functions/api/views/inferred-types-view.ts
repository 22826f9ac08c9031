import * as z from 'zod';
import type { InferredTypes } from '#shared/domain/inferred-types.ts';
import type { JobSpec } from '#shared/domain/job-spec.ts';
import { count, time, viewTime } from './parts.ts';

/** Types that were inferred for a job's fields, and from what. */
export const inferredTypesView = z.strictObject({
  at: time,
  /** The task whose slice was sampled, and how many rows of it. */
  taskId: z.string(),
  rows: count,
  /** By field, without those that the specification declares. */
  types: z.record(z.string(), z.string()),
  /** Those of them that the schema of the values gives; the values themselves show the others. */
  fromSchema: z.array(z.string()).optional(),
  /** Fields that cannot be columns. */
  leftOut: z.array(z.string()).optional(),
});

/** Inferred types as a job shows them. */
export function viewInferredTypes(
  { at, taskId, rows, types, fromSchema, leftOut }: InferredTypes,
  { types: declared = {} }: Pick<JobSpec, 'types'>,
): z.input<typeof inferredTypesView> {
  const isShown = (field: string) => !Object.hasOwn(declared, field);
  const given = [...fromSchema].filter(isShown);
  return {
    at: viewTime(at),
    taskId,
    rows,
    types: Object.fromEntries([...types].filter(([field]) => isShown(field))),
    ...(given.length > 0 && { fromSchema: given }),
    ...(leftOut.length > 0 && { leftOut: [...leftOut] }),
  };
}
