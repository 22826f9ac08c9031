import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { LoadFailure } from '#shared/domain/failure.ts';
import { s3Failure } from '../s3/s3-failure.ts';
import type { TableState } from './table-state.ts';

/** A place in S3. */
export interface S3Location {
  /** By which engines know it: `s3`, `s3a` or `s3n`. */
  readonly scheme: string;
  readonly bucket: string;
  /** Without slashes at its ends. */
  readonly key: string;
}

/** @throws {LoadFailure} SINK_REJECTED for what is not in S3 */
export function parseLocation(text: string): S3Location {
  const [, scheme, bucket, key] = /^(s3[an]?):\/\/([^/]+)\/?(.*)$/.exec(text) ?? [];
  // Braces are what keys leave open.
  if (scheme !== undefined && bucket !== undefined && key !== undefined && !/[{}]/.test(key)) {
    return { scheme, bucket, key: key.replace(/\/+$/, '') };
  }
  throw new LoadFailure('SINK_REJECTED', `location of the table must be s3://..., got ${text}`);
}

/** Where a table keeps its rows. */
export function dataPlaceOf({
  location,
  properties,
}: Pick<TableState, 'location' | 'properties'>): string {
  return properties['write.data.path'] ?? `${location.replace(/\/+$/, '')}/data`;
}

/** The small files beside a table's data: manifests, and their lists. */
export interface MetadataFiles {
  /** A new file. @throws {LoadFailure} as {@link s3Failure} */
  write(location: string, bytes: Buffer): Promise<void>;
  /** @throws {LoadFailure} as {@link s3Failure} */
  read(location: string): Promise<Buffer>;
  /** For a file that nobody can have use for. Never throws: what stays is found as an orphan. */
  remove(location: string): Promise<void>;
}

export function metadataFiles(client: S3Client): MetadataFiles {
  const place = (location: string) => {
    const { bucket, key } = parseLocation(location);
    return { Bucket: bucket, Key: key };
  };
  return {
    async write(location, Body) {
      await client
        .send(new PutObjectCommand({ ...place(location), Body, ContentLength: Body.length }))
        .catch((error: unknown) => {
          throw s3Failure(error, 'write metadata');
        });
    },
    async read(location) {
      try {
        const { Body } = await client.send(new GetObjectCommand(place(location)));
        const chunks: Buffer[] = [];
        if (Body instanceof Readable) for await (const chunk of Body) chunks.push(chunk);
        return Buffer.concat(chunks);
      } catch (error) {
        throw s3Failure(error, 'read metadata');
      }
    },
    async remove(location) {
      await Promise.allSettled([client.send(new DeleteObjectCommand(place(location)))]);
    },
  };
}
