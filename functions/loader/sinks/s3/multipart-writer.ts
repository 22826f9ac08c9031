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
import { PartBuffer } from './part-buffer.ts';
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
  /** One fills while the other is under way. */
  #filling = new PartBuffer();
  #resting = new PartBuffer();
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
    await this.#take(await this.#compressor.add(chunk));
  }

  async prepare(): Promise<UploadHandle> {
    await this.#take(await this.#compressor.end());
    if (this.#filling.length > 0 || this.#parts === 0) await this.#uploadPart();
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

  async #take(chunks: readonly Buffer[]): Promise<void> {
    for (const chunk of chunks) {
      for (let at = 0; at < chunk.length; ) {
        at += this.#filling.fill(chunk, at, this.#nextPartBytes());
        if (this.#filling.length >= this.#nextPartBytes()) await this.#uploadPart();
      }
    }
  }

  /** Resolves when the part before is up. A failure surfaces with the next part, or at `prepare`. */
  async #uploadPart(): Promise<void> {
    await this.#inFlight;
    const part = this.#filling;
    this.#filling = this.#resting;
    this.#filling.clear();
    this.#resting = part;
    this.#parts += 1;
    this.#bytes += part.length;
    this.#inFlight = this.#send(part.bytes, this.#parts);
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
