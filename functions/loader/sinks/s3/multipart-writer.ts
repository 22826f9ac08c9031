import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { LoadFailure } from '#shared/domain/failure.ts';
import type { S3Destination } from '#shared/domain/spec/s3-destination.ts';
import type { OwnPart } from '../period-parts.ts';
import { type Compressor, makeCompressor } from './compression.ts';
import { partBytes } from './part-sizes.ts';
import { s3Failure } from './s3-failure.ts';
import { TOKEN_METADATA, type UploadHandle } from './upload-handle.ts';

/** What {@link openMultipart} needs. */
export interface MultipartOptions {
  readonly client: S3Client;
  readonly destination: S3Destination;
  readonly key: string;
  /** Tells this upload's object from any other. */
  readonly token: string;
  readonly onProgress: (() => void) | undefined;
  /** The size of the first parts. @default 8 MiB */
  readonly firstPartBytes?: number | undefined;
}

const CONTENT_TYPES = {
  ndjson: 'application/x-ndjson',
  csv: 'text/csv',
  parquet: 'application/vnd.apache.parquet',
} as const;

/**
 * Begins the multipart upload of one attempt. However small a slice, it is uploaded so: only an upload that is
 * not completed is durable and invisible.
 *
 * @throws {LoadFailure} as {@link s3Failure}; so do the writer's methods
 */
export async function openMultipart(options: MultipartOptions): Promise<OwnPart<UploadHandle>> {
  const { client, destination, key, token } = options;
  const created = await client
    .send(
      new CreateMultipartUploadCommand({
        Bucket: destination.bucket,
        Key: key,
        ContentType: CONTENT_TYPES[destination.format],
        Metadata: { [TOKEN_METADATA]: token },
      }),
    )
    .catch((error: unknown) => {
      throw s3Failure(error, 'begin an upload');
    });
  if (created.UploadId === undefined) {
    throw new LoadFailure('SINK_UNREACHABLE', 'cannot begin an upload: the answer names no id');
  }
  return new MultipartWriter(options, created.UploadId);
}

/** One part is under way while the next fills, so memory is bounded by two parts and one chunk. */
class MultipartWriter implements OwnPart<UploadHandle> {
  isEmpty = true;
  readonly #options: MultipartOptions;
  readonly #uploadId: string;
  readonly #compressor: Compressor;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #bytes = 0;
  #parts = 0;
  readonly #etags: string[] = [];
  #inFlight: Promise<void> = Promise.resolve();
  #failure: LoadFailure | undefined;

  constructor(options: MultipartOptions, uploadId: string) {
    this.#options = options;
    this.#uploadId = uploadId;
    this.#compressor = makeCompressor(options.destination.compression);
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.#failure) throw this.#failure;
    this.isEmpty = false;
    this.#take(await this.#compressor.add(chunk));
    while (this.#pendingBytes >= this.#nextPartBytes()) {
      await this.#uploadPart(this.#cut(this.#nextPartBytes()));
    }
  }

  async prepare(): Promise<UploadHandle> {
    this.#take(await this.#compressor.end());
    while (this.#pendingBytes >= this.#nextPartBytes()) {
      await this.#uploadPart(this.#cut(this.#nextPartBytes()));
    }
    if (this.#pendingBytes > 0 || this.#parts === 0) {
      await this.#uploadPart(this.#cut(this.#pendingBytes));
    }
    await this.#inFlight;
    const { destination, key, token } = this.#options;
    return {
      bucket: destination.bucket,
      key,
      uploadId: this.#uploadId,
      etags: this.#etags.join(' '),
      bytes: this.#bytes,
      token,
    };
  }

  async discard(): Promise<void> {
    const { client, destination, key } = this.#options;
    // A part that arrives behind the abort would bring the upload's storage back.
    await Promise.allSettled([this.#inFlight]);
    const abort = { Bucket: destination.bucket, Key: key, UploadId: this.#uploadId };
    await Promise.allSettled([client.send(new AbortMultipartUploadCommand(abort))]);
  }

  #nextPartBytes(): number {
    return partBytes(this.#parts + 1, this.#options.firstPartBytes);
  }

  #take(chunks: readonly Buffer[]): void {
    for (const chunk of chunks) {
      this.#pending.push(chunk);
      this.#pendingBytes += chunk.length;
    }
  }

  #cut(bytes: number): Buffer {
    const all = Buffer.concat(this.#pending, this.#pendingBytes);
    const rest = all.subarray(bytes);
    this.#pending = rest.length > 0 ? [rest] : [];
    this.#pendingBytes = rest.length;
    return all.subarray(0, bytes);
  }

  /** Resolves when the part before is up. A failure surfaces with the next part, or at `prepare`. */
  async #uploadPart(body: Buffer): Promise<void> {
    await this.#inFlight;
    this.#parts += 1;
    this.#bytes += body.length;
    this.#inFlight = this.#send(body, this.#parts);
    this.#inFlight.catch((failure: LoadFailure) => {
      this.#failure ??= failure;
    });
  }

  async #send(body: Buffer, number: number): Promise<void> {
    const { client, destination, key, onProgress } = this.#options;
    try {
      const { ETag } = await client.send(
        new UploadPartCommand({
          Bucket: destination.bucket,
          Key: key,
          UploadId: this.#uploadId,
          PartNumber: number,
          Body: body,
          ContentMD5: createHash('md5').update(body).digest('base64'),
        }),
      );
      if (ETag === undefined) throw new Error('the answer names no ETag');
      this.#etags.push(ETag);
      onProgress?.();
    } catch (error) {
      throw s3Failure(error, `upload part ${number}`);
    }
  }
}
