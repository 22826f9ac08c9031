import * as z from 'zod';
import { secretArn } from './secret-arn.ts';

/** Scheme, host, port and path: credentials stand in a secret, and a query is ours to add. */
const registryUrl = z
  .string()
  .max(1_024)
  .regex(
    /^https?:\/\/(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?(\/[A-Za-z0-9._~%/-]*)?$/,
    'must be http:// or https:// with host, port and path only',
  );

const confluentRegistry = z.strictObject({
  url: registryUrl,
  /** A secret `{"username", "password"}` for basic authentication. */
  secretArn: secretArn.optional(),
});
export type ConfluentRegistrySpec = z.infer<typeof confluentRegistry>;

const glueRegistry = z.strictObject({
  /** @default the loader's own */
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region')
    .optional(),
  /** Schemas of other registries are refused. @default any registry of the account */
  registryName: z
    .string()
    .regex(/^[a-zA-Z0-9_$#.-]{1,255}$/, 'must be the name of a registry')
    .optional(),
});
export type GlueRegistrySpec = z.infer<typeof glueRegistry>;

/** Where the schemas of a topic's values are: exactly one of the two. */
export const schemaRegistry = z
  .strictObject({ confluent: confluentRegistry.optional(), glue: glueRegistry.optional() })
  .refine(
    ({ confluent, glue }) => (confluent === undefined) !== (glue === undefined),
    'must name exactly one registry, confluent or glue',
  );
export type SchemaRegistrySpec = z.infer<typeof schemaRegistry>;
