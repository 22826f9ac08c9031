import * as z from 'zod';

/** Facts of the Kafka record that a destination can carry as columns beside the value's own. */
export const METADATA_COLUMNS = [
  '_topic',
  '_partition',
  '_offset',
  '_timestamp',
  '_key',
  '_headers',
  '_deleted',
] as const;
export type MetadataColumn = (typeof METADATA_COLUMNS)[number];

/** The facts that a destination carries; none by default. */
export const metadata = z
  .array(z.enum(METADATA_COLUMNS))
  .max(METADATA_COLUMNS.length)
  .refine((list) => new Set(list).size === list.length, 'must not repeat a column')
  .default([]);
