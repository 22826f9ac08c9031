import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { IsAbandoned } from '../sink.ts';
import type { ObjectKeys } from './object-key.ts';
import { s3ErrorName, s3Failure } from './s3-failure.ts';
import type { UploadHandle } from './upload-handle.ts';

/** Where to look for uploads. */
interface UploadPlaces {
  readonly client: S3Client;
  readonly bucket: string;
  /** Of rows, and of dead letters. */
  readonly places: readonly ObjectKeys[];
}

/** What names an upload. */
type NamedUpload = Pick<UploadHandle, 'bucket' | 'key' | 'uploadId'>;

/** Removes an upload; one that is gone is success. @throws {LoadFailure} as {@link s3Failure} */
export async function removeUpload(
  client: S3Client,
  { bucket, key, uploadId }: NamedUpload,
): Promise<void> {
  const command = new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId });
  await client.send(command).catch((error: unknown) => {
    if (s3ErrorName(error) !== 'NoSuchUpload') throw s3Failure(error, 'abort an upload');
  });
}

/** Removes all uploads of a label. @throws {LoadFailure} as {@link s3Failure} */
export async function abortUploads(label: string, where: UploadPlaces): Promise<void> {
  const jobId = label.split('_')[1] ?? '';
  for (const keys of where.places) {
    for await (const upload of openUploads(where, keys.prefixOf(label))) {
      if (keys.labelIn(upload.key, jobId) === label) await removeUpload(where.client, upload);
    }
  }
}

/**
 * Removes a job's uploads whose labels are abandoned. Of each label, which may have many, it is asked once.
 *
 * @returns how many there were
 * @throws {LoadFailure} as {@link s3Failure}
 */
export async function sweepUploads(
  jobId: string,
  isAbandoned: IsAbandoned,
  where: UploadPlaces,
): Promise<number> {
  const asked = new Map<string, boolean>();
  let removed = 0;
  for (const keys of where.places) {
    for await (const upload of openUploads(where, keys.prefixOf())) {
      const label = keys.labelIn(upload.key, jobId);
      if (label === undefined) continue;
      const isLeft = asked.get(label) ?? (await isAbandoned({ label }));
      asked.set(label, isLeft);
      if (!isLeft) continue;
      await removeUpload(where.client, upload);
      removed += 1;
    }
  }
  return removed;
}

/** All uploads under a prefix that are not completed. */
async function* openUploads(
  { client, bucket }: UploadPlaces,
  prefix: string,
): AsyncGenerator<NamedUpload> {
  let marker: { KeyMarker: string | undefined; UploadIdMarker: string | undefined } | undefined;
  do {
    const page = await client
      .send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, ...marker }))
      .catch((error: unknown) => {
        throw s3Failure(error, 'list uploads');
      });
    for (const { Key, UploadId } of page.Uploads ?? []) {
      if (Key !== undefined && UploadId !== undefined) {
        yield { bucket, key: Key, uploadId: UploadId };
      }
    }
    marker = page.IsTruncated
      ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
      : undefined;
  } while (marker);
}
