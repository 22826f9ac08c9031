import * as z from 'zod';

/** Secrets stand in a specification by their ARN only. */
export const secretArn = z
  .string()
  .max(2048)
  .regex(
    /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:\S+$/,
    'must be the ARN of a Secrets Manager secret',
  );
