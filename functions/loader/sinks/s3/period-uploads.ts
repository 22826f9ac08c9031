import * as z from 'zod';
import type { SinkHandle } from '#shared/domain/task.ts';
import { fillPeriod, isPeriod, type Period } from '../period.ts';
import { type UploadHandle, uploadHandle } from './upload-handle.ts';

/*
 * The handle of several uploads, one for each period. All of them must fit the task's record, so what they share stands
 * in it once: the key, with the fields of a row's date left open, and the token. The others are lines of
 * `<period> <upload id> <bytes> <ETags>`, by blanks, which none of them has in it.
 */
const periodUploads = z.strictObject({
  bucket: z.string().min(1),
  keyTemplate: z.string().min(1),
  token: z.string().min(1),
  uploads: z.string().min(1),
});

/** What all uploads of an attempt share. */
export interface SharedFacts {
  readonly bucket: string;
  /** A key but for the fields of a row's date. */
  readonly keyTemplate: string;
  readonly token: string;
}

/** The handle of an attempt's uploads. There must be one at least. */
export function periodHandle(
  { bucket, keyTemplate, token }: SharedFacts,
  uploads: readonly (readonly [Period, UploadHandle])[],
): SinkHandle {
  const lines = uploads.map(([period, { uploadId, bytes, etags }]) =>
    [period, uploadId, bytes, etags].join(' '),
  );
  return { bucket, keyTemplate, token, uploads: lines.join('\n') };
}

/** The uploads in a handle, in their order: one, or one for each period. Undefined for what no S3 sink made. */
export function uploadsIn(handle: SinkHandle): readonly UploadHandle[] | undefined {
  const single = uploadHandle.safeParse(handle);
  if (single.success) return [single.data];
  const several = periodUploads.safeParse(handle);
  if (!several.success) return undefined;
  const { bucket, keyTemplate, token, uploads } = several.data;
  const found = uploads.split('\n').flatMap((line) => {
    const [period = '', uploadId, bytes, ...etags] = line.split(' ');
    const key = isPeriod(period) ? fillPeriod(keyTemplate, period) : '';
    const given = { bucket, key, token, uploadId, bytes: Number(bytes), etags: etags.join(' ') };
    const upload = uploadHandle.safeParse(given);
    return upload.success ? [upload.data] : [];
  });
  return found.length === uploads.split('\n').length ? found : undefined;
}
