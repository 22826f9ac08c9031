import * as z from 'zod';
import { metadata } from './metadata.ts';
import { partitionBy } from './partition-by.ts';

/** Files in a directory of the machine that loads. */
export const fileDestination = z.strictObject({
  table: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/, 'must be 1-128 of A-Z a-z 0-9 _ . -'),
  format: z.enum(['ndjson', 'csv', 'parquet']).default('ndjson'),
  /** Absolute; must lie under a directory that the installation allows. Default: the first of those. */
  directory: z.string().min(1).max(1024).optional(),
  /** `csv` only: whether each file begins with a line of column names. */
  header: z.boolean().default(true),
  /** Directories below the table's, as Hive names them, e.g. `year=2026/month=11`. Absent: all files lie beside each other. */
  partitionBy: partitionBy.optional(),
  metadata,
});
export type FileDestination = z.infer<typeof fileDestination>;
