import { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { LoadFailure } from '#shared/domain/failure.ts';
import { s3ErrorName, s3Failure } from './s3-failure.ts';

/**
 * An object's content in chunks, unpacked as the ending of its key says.
 *
 * @throws {LoadFailure} DEAD_LETTERS_UNAVAILABLE when it is gone, else as {@link s3Failure}
 */
export async function* readLettersObject(
  client: S3Client,
  { bucket, key }: { readonly bucket: string; readonly key: string },
): AsyncGenerator<Uint8Array> {
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    if (!(Body instanceof Readable)) return;
    yield* unpacked(Body, key);
  } catch (error) {
    if (s3ErrorName(error) !== 'NoSuchKey') throw s3Failure(error, 'read dead letters');
    const place = `s3://${bucket}/${key}`;
    throw new LoadFailure('DEAD_LETTERS_UNAVAILABLE', `there are no dead letters at ${place}`);
  }
}

async function* unpacked(body: Readable, key: string): AsyncGenerator<Uint8Array> {
  const unpacker = unpackerOf(key);
  if (unpacker === undefined) {
    yield* body;
    return;
  }
  // What fails the one must fail the other; `pipe` alone would leave its reader waiting.
  body.once('error', (error) => unpacker.destroy(error));
  try {
    yield* body.pipe(unpacker);
  } finally {
    body.destroy();
  }
}

function unpackerOf(key: string) {
  if (key.endsWith('.gz')) return createGunzip();
  return key.endsWith('.zst') ? createZstdDecompress() : undefined;
}
