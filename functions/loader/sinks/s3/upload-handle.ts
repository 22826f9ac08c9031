import * as z from 'zod';

/**
 * The S3 sink's handle: all that completing takes. The parts' ETags stand in it as one text, by spaces, in the
 * order of the parts; token and size tell the task's own object from one that somebody else put under its key.
 */
export const uploadHandle = z.strictObject({
  bucket: z.string().min(1),
  key: z.string().min(1),
  uploadId: z.string().min(1),
  etags: z.string().min(1),
  bytes: z.int().min(0),
  token: z.string().min(1),
});
export type UploadHandle = z.infer<typeof uploadHandle>;

/** Where an object says by whose upload it was made: `x-amz-meta-...`. */
export const TOKEN_METADATA = 'routine-load-token';
