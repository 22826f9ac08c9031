import type { S3Client } from '@aws-sdk/client-s3';
import { LoadFailure } from '#shared/domain/failure.ts';
import { PLAIN_KEY_TEMPLATE, type S3Destination } from '#shared/domain/spec/s3-destination.ts';
import { unpairHandle } from '../dead-letters/paired-handle.ts';
import { commitPair, pairedWriter } from '../dead-letters/paired-writer.ts';
import { commitInTurn } from './commit-in-turn.ts';
import { fillPeriod } from './period.ts';
import { PeriodParts } from './period-parts.ts';
import { complete } from './s3/complete.ts';
import { abortUploads, removeUpload, sweepUploads } from './s3/left-uploads.ts';
import { openMultipart } from './s3/multipart-writer.ts';
import { objectKeys } from './s3/object-key.ts';
import { periodHandle, uploadsIn } from './s3/period-uploads.ts';
import { readLettersObject } from './s3/read-letters-object.ts';
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

/**
 * A bucket's objects, one per slice, or with `partitionBy` one for each period of its rows: a multipart upload is the
 * preparation, and its completion the commit.
 *
 * @throws {LoadFailure} (its methods) as {@link s3Failure}
 */
export function makeS3Sink(options: S3SinkOptions): Sink {
  const { destination, client, jobName, newToken, firstPartBytes } = options;
  const { bucket } = destination;
  const letters = lettersOf(destination);
  const keys = objectKeys(destination, jobName);
  const letterKeys = objectKeys(letters, jobName);
  const uploads = { client, bucket, places: [keys, letterKeys] };

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
      const openPart = (place: S3Destination, key: string, token = newToken()) =>
        openMultipart({
          client,
          destination: place,
          key,
          token,
          onProgress: work?.onProgress,
          firstPartBytes,
        });
      const openRows = () => {
        const key = keys.keyOf(label, work);
        if (destination.partitionBy === undefined) return openPart(destination, key);
        const shared = { bucket, keyTemplate: key, token: newToken() };
        return new PeriodParts({
          open: (period) => openPart(destination, fillPeriod(key, period), shared.token),
          remove: (upload) => removeUpload(client, upload),
          handleOf: (prepared) => periodHandle(shared, prepared),
        });
      };
      return pairedWriter(await openRows(), () => openPart(letters, letterKeys.keyOf(label, work)));
    },

    commit: (handle, onProgress) =>
      commitPair(handle, async (part) => {
        const decided = uploadsIn(part);
        if (!decided) return { kind: 'in-doubt', message: "the handle is no S3 sink's" };
        const looksFirst = destination.endpoint !== undefined;
        const options = { things: 'objects', onProgress };
        return commitInTurn(decided, (one) => complete(client, one, { looksFirst }), options);
      }),

    abort: (label) => abortUploads(label, uploads),

    sweep: (jobId, isAbandoned) => sweepUploads(jobId, isAbandoned, uploads),
  };
}

/** Dead letters lie under keys like their rows', but for what rows are apart by, below a prefix of their own. */
function lettersOf(destination: S3Destination): S3Destination {
  const { prefix: own } = destination;
  const folder = own === undefined ? '' : `${own.replace(/\/$/, '')}/`;
  const keyTemplate = destination.partitionBy ? PLAIN_KEY_TEMPLATE : destination.keyTemplate;
  const prefix = `${folder}_dead_letters`;
  return { ...destination, prefix, keyTemplate, partitionBy: undefined, format: 'ndjson' };
}
