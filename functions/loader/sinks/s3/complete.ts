import {
  CompleteMultipartUploadCommand,
  HeadObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { CommitOutcome } from '../sink.ts';
import { s3ErrorName, s3Failure, s3Status } from './s3-failure.ts';
import { TOKEN_METADATA, type UploadHandle } from './upload-handle.ts';

/*
 * - An object is never overwritten: completing asks for If-None-Match: *. Servers other than Amazon S3 may not
 *   know it there, so with them the key is looked at before. (With S3 that would take a right of its own: without
 *   s3:ListBucket it answers 403 to a look at what is not there.)
 * - Repeated, Amazon S3 answers as the first time, or 412 as the object is there by now; other servers answer
 *   NoSuchUpload, or 304. So after any of these the object itself is looked at.
 * - An error in an answer of status 200 is an error: the SDK raises it as such.
 */

/**
 * Completes an upload, whoever tried before.
 *
 * @throws {LoadFailure} SINK_AUTH_FAILED, SINK_THROTTLED, SINK_REJECTED
 */
export async function complete(
  client: S3Client,
  handle: UploadHandle,
  { looksFirst }: { readonly looksFirst: boolean },
): Promise<CommitOutcome> {
  if (looksFirst) {
    const found = await identify(client, handle);
    if (found === 'own') return { kind: 'already-committed' };
    if (found === 'foreign') return foreign(handle);
  }
  const parts = handle.etags.split(' ').map((ETag, i) => ({ ETag, PartNumber: i + 1 }));
  try {
    await client.send(
      new CompleteMultipartUploadCommand({
        Bucket: handle.bucket,
        Key: handle.key,
        UploadId: handle.uploadId,
        IfNoneMatch: '*',
        MultipartUpload: { Parts: parts },
      }),
    );
    return { kind: 'committed' };
  } catch (error) {
    return afterError(client, handle, error);
  }
}

/** How servers say that If-None-Match: * does not hold. */
const EXISTS = new Set([304, 412]);

async function afterError(
  client: S3Client,
  handle: UploadHandle,
  error: unknown,
): Promise<CommitOutcome> {
  const name = s3ErrorName(error);
  const isGone = name === 'NoSuchUpload';
  if (isGone || EXISTS.has(s3Status(error) ?? 0)) {
    const found = await identify(client, handle);
    if (found === 'own') return { kind: 'already-committed' };
    if (found === 'foreign') return foreign(handle);
    if (isGone) return inDoubt(handle, `is not there, nor is upload ${handle.uploadId}`);
    return { kind: 'retry-later', message: `${handle.key} came and went while it was committed` };
  }
  if (name === 'InvalidPart' || name === 'InvalidPartOrder' || name === 'EntityTooSmall') {
    return inDoubt(handle, `cannot be made of the parts that were uploaded: ${name}`);
  }
  const failure = s3Failure(error, 'complete an upload');
  // 409: another finisher is at it.
  if (failure.code === 'SINK_UNREACHABLE' || s3Status(error) === 409) {
    return { kind: 'retry-later', message: failure.message };
  }
  throw failure;
}

function foreign(handle: UploadHandle): CommitOutcome {
  return inDoubt(handle, 'holds another object than the task wrote, which was left as it is');
}

function inDoubt({ bucket, key }: UploadHandle, what: string): CommitOutcome {
  return { kind: 'in-doubt', message: `s3://${bucket}/${key} ${what}` };
}

/** Whether an object stands at the key, and whether it is the upload's own. */
async function identify(
  client: S3Client,
  { bucket, key, token, bytes }: UploadHandle,
): Promise<'missing' | 'own' | 'foreign'> {
  try {
    const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    const isOwn = head.Metadata?.[TOKEN_METADATA] === token && head.ContentLength === bytes;
    return isOwn ? 'own' : 'foreign';
  } catch (error) {
    if (s3Status(error) === 404) return 'missing';
    throw s3Failure(error, 'look at an object');
  }
}
