import * as z from 'zod';

const CONTROL = /\p{Cc}/u;

/**
 * Text that a destination gets in an HTTP header: without control characters, as a line break in it would
 * begin a header of the writer's own choice.
 */
export const headerText = z
  .string()
  .min(1)
  .max(16_384)
  .refine((text) => !CONTROL.test(text), 'must not have line breaks or other control characters');
