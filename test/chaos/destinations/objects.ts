import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { startFaultyProxy } from '../../support/s3/faulty-proxy.ts';
import { startS3Mock } from '../../support/s3/s3mock.ts';
import type { ChaosTopic } from '../topics.ts';
import { type ChaosDestination, queuedFault } from './destination.ts';

const BUCKET = 'chaos';

/** @param slowMs longer than a loader waits for an answer */
export async function objectDestination(slowMs: number): Promise<ChaosDestination> {
  const server = await startS3Mock();
  const proxy = await startFaultyProxy(server.endpoint, slowMs);
  const client = server.client();
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const { faults } = proxy;
  return {
    name: 's3',
    environment: { ALLOWED_ENDPOINTS: proxy.endpoint },
    secrets: {},
    destinationOf: (topic, table) => ({
      s3: {
        bucket: BUCKET,
        table,
        format: topic.tableFormat,
        compression: compressionOf(topic),
        metadata: ['_partition', '_offset'],
        ...(topic.dated && { partitionBy: { column: 'day', unit: 'month' } }),
        region: 'us-east-1',
        endpoint: proxy.endpoint,
      },
    }),
    formatOf: ({ tableFormat }) => tableFormat,
    faults: [
      queuedFault(faults, 'lose-completion', 's3: answers lost behind a completion'),
      queuedFault(faults, 'fail-behind-completion', 's3: 500 behind a completion'),
      queuedFault(faults, 'internal-error', 's3: 500'),
      queuedFault(faults, 'slow-down', 's3: 503 SlowDown'),
      queuedFault(faults, 'slow', 's3: requests held up for longer than they are waited for'),
    ],
    restart: () => proxy.whileDown(() => server.restart()),
    collect: (table, directory) => download(client, table, directory),
    hidesLeftovers: false,
    async leftovers(tables) {
      const found: string[] = [];
      for (const table of tables) {
        const list = new ListMultipartUploadsCommand({ Bucket: BUCKET, Prefix: `${table}/` });
        const { Uploads: uploads = [] } = await client.send(list);
        found.push(...uploads.map(({ Key }) => `upload of ${Key}`));
      }
      return found;
    },
    async close() {
      client.destroy();
      await proxy.close();
      await server.stop();
    },
  };
}

/** Each topic in another one, so that all are met. */
function compressionOf({ codec }: ChaosTopic): 'none' | 'gzip' | 'zstd' {
  if (codec === 'zstd') return 'none';
  return codec === 'gzip' ? 'zstd' : 'gzip';
}

async function download(client: S3Client, table: string, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const pages = paginateListObjectsV2({ client }, { Bucket: BUCKET, Prefix: `${table}/` });
  for await (const { Contents: objects = [] } of pages) {
    for (const { Key: key = '' } of objects) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
      const file = join(directory, key.replaceAll('/', '_').replace(/\.(gz|zst)$/, ''));
      await unpack(Body as Readable, key, file);
    }
  }
}

async function unpack(body: Readable, key: string, file: string): Promise<void> {
  const out = createWriteStream(file);
  if (key.endsWith('.gz')) await pipeline(body, createGunzip(), out);
  else if (key.endsWith('.zst')) await pipeline(body, createZstdDecompress(), out);
  else await pipeline(body, out);
}
