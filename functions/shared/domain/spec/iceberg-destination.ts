import * as z from 'zod';
import { metadata } from './metadata.ts';
import { s3Place } from './s3-place.ts';
import { secretArn } from './secret-arn.ts';

const auth = z.discriminatedUnion('mechanism', [
  z.strictObject({ mechanism: z.literal('none') }),
  /** A secret `{"token"}`. */
  z.strictObject({ mechanism: z.literal('bearer'), secretArn }),
  /** The role of the loader. */
  z.strictObject({
    mechanism: z.literal('aws-sigv4'),
    region: z.string().regex(/^[a-z0-9-]{1,30}$/, 'must be the name of a region'),
    service: z.enum(['glue', 's3tables']).default('glue'),
  }),
]);
export type CatalogAuth = z.infer<typeof auth>;

const catalog = z.strictObject({
  /** Where the catalog's REST protocol begins, before `/v1`. */
  uri: z
    .url({ protocol: /^https?$/ })
    .max(300)
    .refine((uri) => isBare(uri), 'must have no user, query or fragment'),
  /** What the catalog calls a warehouse: with AWS Glue an account, with S3 Tables a bucket's ARN. */
  warehouse: z.string().min(1).max(512).optional(),
  auth: auth.default({ mechanism: 'none' }),
});

function isBare(uri: string): boolean {
  if (!URL.canParse(uri)) return true;
  const { username, password, search, hash } = new URL(uri);
  return [username, password, search, hash].every((part) => part === '');
}

/** A table of Apache Iceberg, format version 2, that a REST catalog keeps: it says which columns there are. */
export const icebergDestination = z.strictObject({
  catalog,
  /** Its levels by dots. */
  namespace: z
    .string()
    .max(512)
    .regex(/^[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)*$/u, 'must be letters, digits, _ or -, by dots'),
  table: z.string().regex(/^[\p{L}\p{N}_-]{1,255}$/u, 'must be 1-255 letters, digits, _ or -'),
  metadata,
  ...s3Place,
});
export type IcebergDestination = z.infer<typeof icebergDestination>;
