import * as z from 'zod';

/** Where the buckets of a destination are. */
export const s3Place = {
  /** Default: the region of the installation. */
  region: z
    .string()
    .regex(/^[a-z0-9-]{1,30}$/, 'must be the name of a region')
    .optional(),
  /** Another server than Amazon S3; the installation must allow it. */
  endpoint: z
    .url({ protocol: /^https?$/ })
    .max(300)
    .optional(),
};
