import {
  CreateBucketCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeEach } from 'vitest';
import { type S3Mock, startS3Mock } from './s3mock.ts';

/** A server for the tests of a file, and the bucket that the running test has to itself. */
export interface TestBucket {
  readonly server: S3Mock;
  /** A sound client; given back when the tests are over. */
  readonly client: S3Client;
  readonly name: string;
  /** Of the objects that are visible, sorted. */
  keys(): Promise<string[]>;
  /** Keys of the uploads that are open, sorted. */
  uploads(): Promise<string[]>;
  bytesOf(key: string): Promise<Buffer>;
}

/** Starts S3Mock for the file that calls this, and makes a bucket for each of its tests. */
export async function bucketForEachTest(): Promise<TestBucket> {
  const server = await startS3Mock();
  const client = server.client();
  afterAll(async () => {
    client.destroy();
    await server.stop();
  });
  let made = 0;
  const here = () => ({ Bucket: `bucket-${made}` });
  beforeEach(async () => {
    made += 1;
    await client.send(new CreateBucketCommand(here()));
  });
  return {
    server,
    client,
    get name() {
      return here().Bucket;
    },
    async keys() {
      const { Contents = [] } = await client.send(new ListObjectsV2Command(here()));
      return Contents.map(({ Key }) => Key ?? '').sort();
    },
    async uploads() {
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand(here()));
      return Uploads.map(({ Key }) => Key ?? '').sort();
    },
    async bytesOf(key) {
      const { Body } = await client.send(new GetObjectCommand({ ...here(), Key: key }));
      return Buffer.from(await Body!.transformToByteArray());
    },
  };
}
