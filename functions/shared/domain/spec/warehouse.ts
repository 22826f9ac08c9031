import * as z from 'zod';
import type { FieldRule } from './field-rules.ts';
import { headerText } from './header-text.ts';
import { hostPort } from './host-port.ts';
import { metadata } from './metadata.ts';
import { secretArn } from './secret-arn.ts';
import { columnName } from './value-format.ts';

/** What destinations that are reached by Stream Load have in common: Apache Doris and StarRocks. */

/** Names that stand in a path and in SQL alike; both systems allow letters of any script. */
export const sqlName = z
  .string()
  .regex(/^[\p{L}\p{N}_-]{1,128}$/u, 'must be 1-128 letters, digits, _ or -');

export const warehouse = {
  /** The HTTP addresses of the frontends; one that does not answer is followed by the next. */
  frontends: z.array(hostPort).min(1).max(20),
  /**
   * TLS is the default; plain HTTP has to be asked for by name. `"frontends"`: TLS to them, plain HTTP to the
   * backends, which is where the frontends of most versions redirect to whatever they were asked by.
   */
  tls: z.union([z.boolean(), z.literal('frontends')]).default(true),
  database: sqlName,
  table: sqlName,
  /** A secret `{"username", "password"}`. */
  secretArn,
  metadata,
  /**
   * The columns of the table's unique or primary key, by which tombstones delete: fields of a key that is a JSON
   * object, or one column for a key of any text.
   */
  keyColumns: z.array(columnName).min(1).max(100).optional(),
  strictMode: z.boolean().optional(),
  timezone: headerText.max(64).optional(),
  partitions: z.array(sqlName).min(1).max(1_000).optional(),
  temporaryPartitions: z.array(sqlName).min(1).max(1_000).optional(),
  /** How long an attempt may take before the destination gives it up. */
  timeoutSeconds: z.int().min(1).max(259_200).optional(),
};

interface Partitions {
  readonly partitions?: readonly string[] | undefined;
  readonly temporaryPartitions?: readonly string[] | undefined;
}

/** Both systems refuse a load into partitions of both kinds. */
export const onePartitionKind: FieldRule<Partitions> = {
  needs: ['partitions', 'temporaryPartitions'],
  fault: ({ partitions, temporaryPartitions }) =>
    partitions && temporaryPartitions
      ? ['temporaryPartitions', 'cannot be given beside partitions']
      : undefined,
};
