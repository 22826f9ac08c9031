import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { LoadFailure } from '#shared/domain/failure.ts';
import type { S3Destination } from '#shared/domain/spec/s3-destination.ts';
import { unpairHandle } from '../dead-letters/paired-handle.ts';
import { commitPair, pairedWriter } from '../dead-letters/paired-writer.ts';
import { complete } from './s3/complete.ts';
import { openMultipart } from './s3/multipart-writer.ts';
import { objectKeys } from './s3/object-key.ts';
import { readLettersObject } from './s3/read-letters-object.ts';
import { s3ErrorName, s3Failure } from './s3/s3-failure.ts';
import { uploadHandle } from './s3/upload-handle.ts';
import type { Sink } from './sink.ts';

/** What {@link makeS3Sink} needs. */
export interface S3SinkOptions {
  readonly destination: S3Destination;
  readonly jobName: string;
  readonly client: S3Client;
  /** Gives texts that no other upload has. */
  readonly newToken: () => string;
  /** The size of the first parts. @default 8 MiB */
  readonly firstPartBytes?: number | undefined;
}

/** An upload that is not completed. */
interface OpenUpload {
  readonly Key: string;
  readonly UploadId: string;
}

/**
 * A bucket's objects, one per slice: a multipart upload is the preparation, and its completion the commit.
 *
 * @throws {LoadFailure} (its methods) as {@link s3Failure}
 */
export function makeS3Sink(options: S3SinkOptions): Sink {
  const { destination, client, jobName, newToken, firstPartBytes } = options;
  const { bucket } = destination;
  const letters = lettersOf(destination);
  const keys = objectKeys(destination, jobName);
  const letterKeys = objectKeys(letters, jobName);

  async function remove({ Key, UploadId }: OpenUpload): Promise<void> {
    const command = new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId });
    await client.send(command).catch((error: unknown) => {
      if (s3ErrorName(error) !== 'NoSuchUpload') throw s3Failure(error, 'abort an upload');
    });
  }

  return {
    keepsBadRows: true,

    deadLettersIn(handle) {
      const upload = uploadHandle.safeParse(unpairHandle(handle).letters);
      return upload.success ? `s3://${upload.data.bucket}/${upload.data.key}` : undefined;
    },

    readDeadLetters(location) {
      const within = `s3://${bucket}/${letterKeys.prefixOf()}`;
      if (!location.startsWith(within)) {
        const message = `dead letters must be below ${within}, got ${location}`;
        throw new LoadFailure('DEAD_LETTERS_UNAVAILABLE', message);
      }
      return readLettersObject(client, { bucket, key: location.slice(`s3://${bucket}/`.length) });
    },

    async open(label, work) {
      const openPart = (place: S3Destination, key: string) =>
        openMultipart({
          client,
          destination: place,
          key,
          token: newToken(),
          onProgress: work?.onProgress,
          firstPartBytes,
        });
      const rows = await openPart(destination, keys.keyOf(label, work));
      return pairedWriter(rows, () => openPart(letters, letterKeys.keyOf(label, work)));
    },

    commit: (handle) =>
      commitPair(handle, async (part) => {
        const upload = uploadHandle.safeParse(part);
        if (!upload.success) return { kind: 'in-doubt', message: "the handle is no S3 sink's" };
        return complete(client, upload.data, { looksFirst: destination.endpoint !== undefined });
      }),

    async abort(label) {
      const jobId = label.split('_')[1] ?? '';
      for (const place of [keys, letterKeys]) {
        for await (const upload of openUploads(client, bucket, place.prefixOf(label))) {
          if (place.labelIn(upload.Key, jobId) === label) await remove(upload);
        }
      }
    },

    async sweep(jobId, isAbandoned) {
      let removed = 0;
      for (const place of [keys, letterKeys]) {
        for await (const upload of openUploads(client, bucket, place.prefixOf())) {
          const label = place.labelIn(upload.Key, jobId);
          if (label === undefined || !(await isAbandoned({ label }))) continue;
          await remove(upload);
          removed += 1;
        }
      }
      return removed;
    },
  };
}

/** Dead letters lie under keys like their rows', below a prefix of their own. */
function lettersOf(destination: S3Destination): S3Destination {
  const { prefix } = destination;
  const folder = prefix === undefined ? '' : `${prefix.replace(/\/$/, '')}/`;
  return { ...destination, prefix: `${folder}_dead_letters`, format: 'ndjson' };
}

/** All uploads under a prefix that are not completed. */
async function* openUploads(
  client: S3Client,
  bucket: string,
  prefix: string,
): AsyncGenerator<OpenUpload> {
  let marker: { KeyMarker: string | undefined; UploadIdMarker: string | undefined } | undefined;
  do {
    const page = await client
      .send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, ...marker }))
      .catch((error: unknown) => {
        throw s3Failure(error, 'list uploads');
      });
    for (const { Key, UploadId } of page.Uploads ?? []) {
      if (Key !== undefined && UploadId !== undefined) yield { Key, UploadId };
    }
    marker = page.IsTruncated
      ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
      : undefined;
  } while (marker);
}
