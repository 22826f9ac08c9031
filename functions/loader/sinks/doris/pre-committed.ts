import * as z from 'zod';

/**
 * The Doris sink's handle: the transaction that was pre-committed. An empty `txn` means that no row was left to
 * load. The database stands in it, so that the transaction is found whatever becomes of the specification.
 */
export const preCommitted = z.strictObject({
  database: z.string(),
  label: z.string(),
  txn: z.string().regex(/^\d*$/),
});
export type PreCommitted = z.infer<typeof preCommitted>;
