import { createReadStream } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Measurement } from './measurement.ts';

/** The same bytes on their last way only, from a file: no Kafka, no checks, no commit of offsets. In seconds. */

/** Where everything of a run goes in S3. */
export const BUCKET = 'bench';
const PART_BYTES = 8 * 1024 * 1024;

/** A bare multipart upload by the AWS client, one part after the other. */
export async function uploadFile({ file, s3Endpoint, zstd }: Measurement): Promise<number> {
  const client = new S3Client({ endpoint: s3Endpoint, forcePathStyle: true });
  const begin = performance.now();
  const place = { Bucket: BUCKET, Key: `yardstick-${begin}` };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(place));
  const source = createReadStream(file, { highWaterMark: 1 << 20 });
  const bytes = zstd ? source.pipe(createZstdCompress()) : source;
  const etags: (string | undefined)[] = [];
  const send = async (chunks: readonly Buffer[]) => {
    const part = { ...place, UploadId, PartNumber: etags.length + 1, Body: Buffer.concat(chunks) };
    etags.push((await client.send(new UploadPartCommand(part))).ETag);
  };
  let pending: Buffer[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    pending.push(chunk);
    size += chunk.length;
    if (size < PART_BYTES) continue;
    await send(pending);
    pending = [];
    size = 0;
  }
  if (size > 0) await send(pending);
  const Parts = etags.map((ETag, i) => ({ ETag, PartNumber: i + 1 }));
  await client.send(
    new CompleteMultipartUploadCommand({ ...place, UploadId, MultipartUpload: { Parts } }),
  );
  return (performance.now() - begin) / 1000;
}

/** The file as one Stream Load, as `curl -T` sends it. */
export async function putFile({ file, backend, login }: Measurement): Promise<number> {
  const begin = performance.now();
  const sent = request(`http://${backend}/api/bench/yardstick/_stream_load`, {
    method: 'PUT',
    headers: {
      authorization: `Basic ${Buffer.from(login).toString('base64')}`,
      label: `yardstick-${begin}`,
      format: 'json',
    },
  });
  const answered = new Promise<void>((resolve, reject) => {
    sent.once('error', reject);
    sent.once('response', (response) => response.resume().once('end', resolve));
  });
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), sent);
  await answered;
  return (performance.now() - begin) / 1000;
}

/** The same mapping and filter by DuckDB itself, from the file into one of Parquet. */
export async function copyWithDuckDb({ file, directory }: Measurement): Promise<number> {
  const connection = await (await DuckDBInstance.create()).connect();
  const begin = performance.now();
  const columns =
    "{id: 'BIGINT', code: 'VARCHAR', delay: 'INTEGER', on_time: 'BOOLEAN', note: 'VARCHAR'}";
  await connection.run(
    `COPY (SELECT id, code, delay > 15 AS late, on_time, note
           FROM read_json('${file}', format = 'newline_delimited', columns = ${columns})
           WHERE delay < 45)
     TO '${join(directory, 'yardstick.parquet')}' (FORMAT parquet, COMPRESSION zstd)`,
  );
  return (performance.now() - begin) / 1000;
}
