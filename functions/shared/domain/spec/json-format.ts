import * as z from 'zod';
import { headerText } from './header-text.ts';

/** Values that are JSON objects, or hold such. Doris and StarRocks do the same by the same settings. */
export const jsonFormat = z.strictObject({
  type: z.literal('json'),
  /** Each value is an array, and each of its elements a row. */
  stripOuterArray: z.boolean().optional(),
  /** Where in the value the row is, or the array of rows, e.g. `$.payload`. */
  jsonRoot: headerText.max(1_024).optional(),
  /** Where in a row the fields are: the n-th path is for the n-th name in `columns` that has no expression. */
  jsonPaths: z.array(headerText.max(1_024)).min(1).max(2_000).optional(),
});
export type JsonFormat = z.infer<typeof jsonFormat>;
