import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, expect, it } from 'vitest';
import { awsTimeLimits } from '#shared/aws-time-limits.ts';

const LIMITS = awsTimeLimits({ connectMs: 1_000, requestMs: 100 });
const ends: (() => void)[] = [];

afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** Asks for an object of a server, and reads it. */
async function read(answer: RequestListener): Promise<string | undefined> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = new S3Client({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    forcePathStyle: true,
    maxAttempts: 1,
    requestHandler: LIMITS,
  });
  ends.push(() => {
    client.destroy();
    server.closeAllConnections();
    server.close();
  });
  const { Body } = await client.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }));
  return Body?.transformToString();
}

it('a service that answers is heard', async () => {
  expect(await read((_, response) => response.end('content'))).toBe('content');
});

it('a service that says nothing is given up', async () => {
  await expect(read(() => {})).rejects.toThrow(/exceeded the configured 100 ms/);
});

it('a service that falls silent in the midst of an answer is given up', async () => {
  const answer: RequestListener = (_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('half');
  };
  await expect(read(answer)).rejects.toThrow(/100 ms of inactivity/);
});
