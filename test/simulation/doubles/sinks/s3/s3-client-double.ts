import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { Bucket, Completion } from './bucket.ts';

/** What stands between client and bucket: the network, and what the server does besides. */
export interface S3Wire {
  /** Brings a request to the bucket. `isPrivate`: nobody but its sender can notice when it arrives. */
  send<T>(what: string, isPrivate: boolean, effect: () => T): Promise<T>;
  complete(completion: Completion): void;
  abort(uploadId: string): void;
  readonly page: number;
}

/** S3's client as far as the sink uses it, over a bucket in memory. */
export function s3ClientDouble(bucket: Bucket, wire: S3Wire): S3Client {
  return { send: (command: object) => answerTo(command, bucket, wire) } as unknown as S3Client;
}

/** The commands of the sink, by the methods that they are of the bucket's. */
function answerTo(command: object, bucket: Bucket, wire: S3Wire): Promise<object> {
  if (command instanceof CreateMultipartUploadCommand) {
    const { Key = '', Metadata = {} } = command.input;
    return wire.send(`create ${Key}`, false, () => ({ UploadId: bucket.create(Key, Metadata) }));
  }
  if (command instanceof UploadPartCommand) {
    const { UploadId = '', PartNumber = 0, Body } = command.input;
    return wire.send(`put part ${PartNumber} of ${UploadId}`, true, () => ({
      ETag: bucket.put(UploadId, PartNumber, Body as Uint8Array),
    }));
  }
  if (command instanceof CompleteMultipartUploadCommand) {
    const { UploadId: uploadId = '', MultipartUpload, IfNoneMatch } = command.input;
    const etags = (MultipartUpload?.Parts ?? []).map(({ ETag = '' }) => ETag);
    const completion = { uploadId, etags, onlyIfNew: IfNoneMatch === '*' };
    return wire.send(`complete ${uploadId}`, false, () => {
      wire.complete(completion);
      return {};
    });
  }
  if (command instanceof AbortMultipartUploadCommand) {
    const { UploadId = '' } = command.input;
    return wire.send(`abort ${UploadId}`, false, () => {
      wire.abort(UploadId);
      return {};
    });
  }
  if (command instanceof PutObjectCommand) {
    const { Key: key = '', Body } = command.input;
    const body = Buffer.from(Body as Uint8Array);
    return wire.send(`put ${key}`, true, () => {
      bucket.objects.set(key, { key, body, metadata: {}, uploadId: undefined });
      return {};
    });
  }
  if (command instanceof DeleteObjectCommand) {
    const { Key = '' } = command.input;
    return wire.send(`delete ${Key}`, true, () => ({ was: bucket.objects.delete(Key) }));
  }
  return answerToLook(command, bucket, wire);
}

/** Commands that change nothing. */
function answerToLook(command: object, bucket: Bucket, wire: S3Wire): Promise<object> {
  if (command instanceof ListMultipartUploadsCommand) {
    const { Prefix = '', UploadIdMarker } = command.input;
    return wire.send(`list ${Prefix}`, false, () => {
      const { uploads, isTruncated } = bucket.list(Prefix, UploadIdMarker, wire.page);
      const last = uploads.at(-1);
      return {
        Uploads: uploads.map(({ key, id }) => ({ Key: key, UploadId: id })),
        IsTruncated: isTruncated,
        NextKeyMarker: last?.key,
        NextUploadIdMarker: last?.id,
      };
    });
  }
  if (command instanceof HeadObjectCommand) {
    const { Key = '' } = command.input;
    return wire.send(`head ${Key}`, false, () => {
      const { metadata, body } = bucket.head(Key);
      return { Metadata: metadata, ContentLength: body.length };
    });
  }
  if (command instanceof GetObjectCommand) {
    const { Key = '' } = command.input;
    return wire.send(`get ${Key}`, false, () => ({ Body: Readable.from([bucket.head(Key).body]) }));
  }
  throw new TypeError(`no such command of S3 is known here: ${command.constructor.name}`);
}
