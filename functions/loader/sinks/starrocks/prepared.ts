import * as z from 'zod';

/**
 * The StarRocks sink's handle: commit is by label, and idempotent. The number is for people. `empty`: no row was
 * left to load, so there is nothing to commit.
 */
export const prepared = z.strictObject({
  database: z.string(),
  label: z.string(),
  txn: z.string().regex(/^\d*$/),
  state: z.enum(['prepared', 'empty']),
});
export type Prepared = z.infer<typeof prepared>;
