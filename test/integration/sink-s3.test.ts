import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import { makeS3Sink } from '../../functions/loader/sinks/s3.ts';
import type { Sink } from '../../functions/loader/sinks/sink.ts';
import { type JobSpecInput, jobSpec } from '../../functions/shared/domain/job-spec.ts';
import { attemptLabel } from '../../functions/shared/domain/task.ts';
import { bucketForEachTest } from '../support/s3/bucket-for-each-test.ts';
import { withFaults, withIdempotentCompletion } from '../support/s3/faulty-client.ts';

const s3 = await bucketForEachTest();

type S3 = Partial<NonNullable<JobSpecInput['destination']['s3']>>;

let tokens = 0;
function sink(more: S3 = {}, options: { client?: S3Client; firstPartBytes?: number } = {}): Sink {
  const spec = jobSpec.parse({
    name: 'flights',
    source: { kafka: { brokers: ['127.0.0.1:9092'], topic: 'flights' } },
    columns: 'n',
    destination: { s3: { bucket: s3.name, endpoint: s3.server.endpoint, ...more } },
  });
  return makeS3Sink({
    destination: spec.destination.s3!,
    jobName: spec.name,
    client: s3.client,
    newToken: () => {
      tokens += 1;
      return `token-${tokens}`;
    },
    ...options,
  });
}

const JOB = ulid(Date.UTC(2026, 0, 1));
const TASK = ulid(Date.UTC(2026, 10, 22, 23, 59));
const LABEL = attemptLabel({ jobId: JOB, id: TASK }, 1);
const KEY = `flights/2026-11-22/${JOB}-${TASK}-1.ndjson`;
const ROWS = '{"n":1}\n{"n":2}\n';

async function prepare(on: Sink, text = ROWS, label = LABEL) {
  const writer = await on.open(label);
  await writer.write(Buffer.from(text));
  return writer.prepare();
}

describe('an object', () => {
  it('is invisible until it is committed, however small it is', async () => {
    const on = sink();
    const handle = await prepare(on);
    expect(await s3.keys()).toEqual([]);
    expect(await s3.uploads()).toEqual([KEY]);

    expect(await on.commit(handle)).toEqual({ kind: 'committed' });
    expect(await s3.keys()).toEqual([KEY]);
    expect(await s3.uploads()).toEqual([]);
    expect((await s3.bytesOf(KEY)).toString()).toBe(ROWS);
  });

  it('of many parts holds all bytes in their order, and its handle stays small', async () => {
    const on = sink({}, { firstPartBytes: 5_242_880 });
    const writer = await on.open(LABEL);
    const chunks = Array.from({ length: 17 }, (_, i) => Buffer.alloc(1_000_000, 97 + i));
    for (const chunk of chunks) await writer.write(chunk);
    const handle = await writer.prepare();
    expect(String(handle.etags).split(' ')).toHaveLength(4);
    expect(JSON.stringify(handle).length).toBeLessThan(1_000);
    await on.commit(handle);
    expect((await s3.bytesOf(KEY)).equals(Buffer.concat(chunks))).toBe(true);
  });

  it.each([
    ['gzip', '.ndjson.gz', gunzipSync],
    ['zstd', '.ndjson.zst', zstdDecompressSync],
  ] as const)('may be compressed with %s', async (compression, ending, decompress) => {
    const on = sink({ compression });
    await on.commit(await prepare(on));
    const [key = ''] = await s3.keys();
    expect(key.endsWith(ending)).toBe(true);
    expect(decompress(await s3.bytesOf(key)).toString()).toBe(ROWS);
  });

  it('has the key that its template says', async () => {
    const on = sink({
      prefix: 'lake',
      table: 'legs',
      format: 'csv',
      keyTemplate:
        'job={job}/{table}/y={year}/m={month}/d={day}/h={hour}/{lane}-{partition}-{offset}-{task}',
    });
    const slice = new Map([
      [7, { from: 70n, to: 80n }],
      [3, { from: 1_200n, to: 1_300n }],
    ]);
    const writer = await on.open(LABEL, {
      lane: 2,
      generation: 1,
      revision: 1,
      slice,
      onProgress: () => {},
    });
    await writer.write(Buffer.from('n\n1\n'));
    await on.commit(await writer.prepare());
    expect(await s3.keys()).toEqual([
      `lake/job=flights/legs/y=2026/m=11/d=22/h=23/2-3-1200-${JOB}-${TASK}-1.csv`,
    ]);
  });
});

describe('F16: an answer to the completion that is lost', () => {
  // Servers differ here: Amazon S3 answers as the first time, MinIO and older S3Mocks NoSuchUpload, this S3Mock
  // 304, and whoever looks at If-None-Match first 412.
  it.each([
    ['NoSuchUpload', 404],
    ['PreconditionFailed', 412],
    ['304, as S3Mock does', undefined],
  ])('is found out where a repetition is answered with %s', async (name, status) => {
    const faulty = withFaults(s3.server.client());
    const on = sink({ endpoint: undefined }, { client: faulty.client });
    const handle = await prepare(on);
    const lost = { name: 'TimeoutError', status: 500 };
    faulty.failNext({ command: 'CompleteMultipartUpload', when: 'after', error: lost });
    expect(await on.commit(handle)).toMatchObject({ kind: 'retry-later' });
    if (status) {
      const error = { name, status };
      faulty.failNext({ command: 'CompleteMultipartUpload', when: 'before', error });
    }
    expect(await on.commit(handle)).toEqual({ kind: 'already-committed' });
    expect((await s3.bytesOf(KEY)).toString()).toBe(ROWS);
    faulty.client.destroy();
  });

  it('is found out where a repetition is answered as the first time', async () => {
    const idempotent = withIdempotentCompletion(s3.server.client());
    const on = sink({ endpoint: undefined }, { client: idempotent });
    const handle = await prepare(on);
    expect(await on.commit(handle)).toEqual({ kind: 'committed' });
    expect(await on.commit(handle)).toEqual({ kind: 'committed' });
    expect(await s3.keys()).toEqual([KEY]);
    idempotent.destroy();
  });

  it('is found out by a look before the repetition where the server is not Amazon S3', async () => {
    const on = sink();
    const handle = await prepare(on);
    expect(await on.commit(handle)).toEqual({ kind: 'committed' });
    expect(await on.commit(handle)).toEqual({ kind: 'already-committed' });
  });

  it.each([
    ['InternalError', 200],
    ['ConditionalRequestConflict', 409],
    ['RequestTimeout', 500],
  ])('waits for another try after %s in an answer of status %i', async (name, status) => {
    const faulty = withFaults(s3.server.client());
    const on = sink({}, { client: faulty.client });
    const handle = await prepare(on);
    faulty.failNext({
      command: 'CompleteMultipartUpload',
      when: 'before',
      error: { name, status },
    });
    expect(await on.commit(handle)).toMatchObject({ kind: 'retry-later' });
    expect(await on.commit(handle)).toEqual({ kind: 'committed' });
    faulty.client.destroy();
  });
});

describe('F17 and F19: what somebody else did', () => {
  it('an upload that is gone, with no object, is in doubt', async () => {
    const on = sink();
    const handle = await prepare(on);
    await on.abort(LABEL);
    expect(await on.commit(handle)).toMatchObject({ kind: 'in-doubt' });
    expect(await s3.keys()).toEqual([]);
  });

  it.each([
    ['found by a look', false],
    ['told by 412', true],
  ])(
    'an object of the same size, %s, is not taken for the own one, nor overwritten',
    async (_, is412) => {
      const faulty = withFaults(s3.server.client());
      const on = sink(is412 ? { endpoint: undefined } : {}, { client: faulty.client });
      const error = { name: 'PreconditionFailed', status: 412 };
      if (is412) faulty.failNext({ command: 'CompleteMultipartUpload', when: 'before', error });
      const handle = await prepare(on);
      const foreign = ROWS.replaceAll('n', 'm');
      await s3.client.send(new PutObjectCommand({ Bucket: s3.name, Key: KEY, Body: foreign }));
      expect(await on.commit(handle)).toMatchObject({
        kind: 'in-doubt',
        message: expect.stringContaining('another object'),
      });
      expect((await s3.bytesOf(KEY)).toString()).toBe(foreign);
      faulty.client.destroy();
    },
  );

  it('a handle that no S3 sink made is in doubt', async () => {
    expect(await sink().commit({ txn: '1' })).toMatchObject({ kind: 'in-doubt' });
  });
});

describe('F20: uploads that are left', () => {
  const label = (attempt: number, jobId = JOB) => attemptLabel({ jobId, id: TASK }, attempt);

  it('are aborted by their label alone', async () => {
    const on = sink();
    await prepare(on, ROWS, label(1));
    await prepare(on, ROWS, label(1));
    await prepare(on, ROWS, label(2));
    await prepare(on, ROWS, label(12));
    await on.abort(label(1));
    expect((await s3.uploads()).sort()).toEqual([
      KEY.replace('-1.', '-12.'),
      KEY.replace('-1.', '-2.'),
    ]);
    await on.abort(label(1));
  });

  it('are swept when nobody can need them, and never those of another job or a decided one', async () => {
    const on = sink();
    const other = ulid();
    await prepare(on, ROWS, label(1));
    await prepare(on, ROWS, label(1, other));
    const decided = await prepare(on, ROWS, label(2));
    const asked: string[] = [];
    const removed = await on.sweep!(JOB, async (leftover) => {
      asked.push(leftover.label);
      return leftover.label === label(1);
    });
    expect(removed).toBe(1);
    expect(asked.sort()).toEqual([label(1), label(2)]);
    expect(await on.commit(decided)).toEqual({ kind: 'committed' });
    expect(await s3.uploads()).toEqual([KEY.replace(JOB, other)]);
  });

  it('are gone when an attempt is discarded', async () => {
    const writer = await sink().open(LABEL);
    await writer.write(Buffer.from(ROWS));
    await writer.discard();
    expect(await s3.uploads()).toEqual([]);
  });
});

describe('a refusal of S3', () => {
  it.each([
    ['AccessDenied', 403, 'SINK_AUTH_FAILED'],
    ['SlowDown', 503, 'SINK_THROTTLED'],
    ['InternalError', 500, 'SINK_UNREACHABLE'],
    ['InvalidRequest', 400, 'SINK_REJECTED'],
  ])('%s of a part is told at the end at the latest', async (name, status, code) => {
    const faulty = withFaults(s3.server.client());
    const writer = await sink({}, { client: faulty.client }).open(LABEL);
    faulty.failNext({ command: 'UploadPart', when: 'before', error: { name, status } });
    await writer.write(Buffer.from(ROWS));
    await expect(writer.prepare()).rejects.toMatchObject({ code });
    await writer.discard();
    expect(await s3.uploads()).toEqual([]);
    faulty.client.destroy();
  });

  it('a bucket that does not exist is told', async () => {
    await expect(sink({ bucket: 'no-such-bucket' }).open(LABEL)).rejects.toMatchObject({
      code: 'SINK_REJECTED',
      message: expect.stringContaining('NoSuchBucket'),
    });
  });
});
