import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import { makeS3Sink } from '../../functions/loader/sinks/s3.ts';
import type { Sink } from '../../functions/loader/sinks/sink.ts';
import { s3Destination } from '../../functions/shared/domain/spec/s3-destination.ts';
import { attemptLabel } from '../../functions/shared/domain/task.ts';
import { bucketForEachTest } from '../support/s3/bucket-for-each-test.ts';
import { withFaults, withIdempotentCompletion } from '../support/s3/faulty-client.ts';

const s3 = await bucketForEachTest();

let tokens = 0;
function sink(more: object = {}, own: S3Client = s3.client): Sink {
  const partitionBy = { column: 'at', unit: 'day' };
  return makeS3Sink({
    destination: s3Destination.parse({
      bucket: s3.name,
      endpoint: s3.server.endpoint,
      partitionBy,
      ...more,
    }),
    jobName: 'flights',
    client: own,
    newToken: () => {
      tokens += 1;
      return `token-${tokens}`;
    },
  });
}

const JOB = ulid(Date.UTC(2026, 0, 1));
const TASK = ulid(Date.UTC(2026, 10, 22, 23, 59));
const label = (attempt = 1, jobId = JOB) => attemptLabel({ jobId, id: TASK }, attempt);
const DAYS = ['2026-01-01', '2026-01-02', '__HIVE_DEFAULT_PARTITION__'];
const NONE = '__HIVE_DEFAULT_PARTITION__';
const KEYS = [
  `flights/year=2026/month=01/day=01/${JOB}-${TASK}-1.ndjson`,
  `flights/year=2026/month=01/day=02/${JOB}-${TASK}-1.ndjson`,
  `flights/year=${NONE}/month=${NONE}/day=${NONE}/${JOB}-${TASK}-1.ndjson`,
];

async function prepare(on: Sink, name = label()) {
  const writer = await on.open(name);
  for (const day of DAYS) {
    await writer.write(Buffer.from(`{"at":"${day}"}\n`), day);
    await writer.write(Buffer.from('{}\n'), day);
  }
  return writer.prepare();
}

const textOf = async (key: string) => (await s3.bytesOf(key)).toString();

describe('the objects of one attempt', () => {
  it('are invisible until they are committed, each with the rows of its period', async () => {
    const on = sink();
    const handle = await prepare(on);
    expect(await s3.keys()).toEqual([]);
    expect(await s3.uploads()).toEqual(KEYS);

    expect(await on.commit(handle)).toEqual({ kind: 'committed' });
    expect(await s3.keys()).toEqual(KEYS);
    expect(await s3.uploads()).toEqual([]);
    const texts = await Promise.all(KEYS.map(textOf));
    expect(texts).toEqual(DAYS.map((day) => `{"at":"${day}"}\n{}\n`));
    expect(await on.commit(handle)).toEqual({ kind: 'already-committed' });
  });

  it('have the keys that a template says, hours included', async () => {
    const on = sink({
      prefix: 'lake',
      keyTemplate: 'dt={record_date}/h={record_hour}/{date}/{task}',
      partitionBy: { column: 'at', unit: 'hour' },
    });
    const writer = await on.open(label());
    await writer.write(Buffer.from('{}\n'), '2026-01-02T05');
    await on.commit(await writer.prepare());
    expect(await s3.keys()).toEqual([`lake/dt=2026-01-02/h=05/2026-11-22/${JOB}-${TASK}-1.ndjson`]);
  });

  it('stand beside dead letters, whose key knows nothing of them', async () => {
    const on = sink({ prefix: 'lake' });
    const writer = await on.open(label());
    await writer.keep?.(Buffer.from('{"bad":1}\n'));
    const handle = await writer.prepare();
    const place = `lake/_dead_letters/flights/2026-11-22/${JOB}-${TASK}-1.ndjson`;
    expect(on.deadLettersIn?.(handle)).toBe(`s3://${s3.name}/${place}`);
    expect(await on.commit(handle)).toEqual({ kind: 'committed' });
    expect(await s3.keys()).toEqual([place]);
    expect(await s3.uploads()).toEqual([]);
  });
});

describe('F16: an answer to one completion of several that is lost', () => {
  const lost = { name: 'TimeoutError', status: 500 };

  it.each([
    ['NoSuchUpload', 404],
    ['PreconditionFailed', 412],
    ['304, as S3Mock does', undefined],
  ])('is found out where a repetition is answered with %s', async (name, status) => {
    const faulty = withFaults(s3.server.client());
    const on = sink({ endpoint: undefined }, faulty.client);
    const handle = await prepare(on);
    const failSecond = () =>
      faulty.failNext({ command: 'CompleteMultipartUpload', when: 'after', error: lost });
    expect(await on.commit(handle, failSecond)).toMatchObject({
      kind: 'retry-later',
      message: expect.stringMatching(/; 1 of 3 objects are committed$/),
    });
    expect(await s3.keys()).toEqual(KEYS.slice(0, 2));
    if (status) {
      const error = { name, status };
      for (let i = 0; i < 2; i += 1) {
        faulty.failNext({ command: 'CompleteMultipartUpload', when: 'before', error });
      }
    }
    expect(await on.commit(handle)).toEqual({ kind: 'committed' });
    expect(await s3.keys()).toEqual(KEYS);
    expect(await s3.uploads()).toEqual([]);
    faulty.client.destroy();
  });

  it('is found out where a repetition is answered as the first time', async () => {
    const idempotent = withIdempotentCompletion(s3.server.client());
    const on = sink({ endpoint: undefined }, idempotent);
    const handle = await prepare(on);
    expect(await on.commit(handle)).toEqual({ kind: 'committed' });
    expect(await on.commit(handle)).toEqual({ kind: 'committed' });
    expect(await s3.keys()).toEqual(KEYS);
    idempotent.destroy();
  });
});

describe('F17 and F19: what somebody else did to one of them', () => {
  it('leaves those behind it, and is told with how many are there', async () => {
    const on = sink();
    const handle = await prepare(on);
    await s3.client.send(new PutObjectCommand({ Bucket: s3.name, Key: KEYS[1], Body: 'theirs' }));
    expect(await on.commit(handle)).toMatchObject({
      kind: 'in-doubt',
      message: expect.stringMatching(/day=02.* another object .*; 1 of 3 objects are committed$/),
    });
    expect(await textOf(KEYS[1]!)).toBe('theirs');
    expect(await s3.uploads()).toEqual(KEYS.slice(1));
  });

  it('a handle whose uploads cannot be read is in doubt', async () => {
    const handle = await prepare(sink());
    const broken = { ...handle, uploads: `${handle.uploads}\n../../x id 1 "etag"` };
    expect(await sink().commit(broken)).toMatchObject({ kind: 'in-doubt' });
    expect(await s3.keys()).toEqual([]);
  });
});

describe('F20: uploads of several keys that are left', () => {
  it('are aborted by their label alone', async () => {
    const on = sink();
    await prepare(on);
    await prepare(on);
    await prepare(on, label(2));
    await on.abort(label());
    expect(await s3.uploads()).toEqual(KEYS.map((key) => key.replace('-1.', '-2.')).sort());
  });

  it('are swept when nobody can need them, asked for once, and never those of a decided attempt', async () => {
    const on = sink();
    const other = ulid();
    await prepare(on);
    await prepare(on, label(1, other));
    const decided = await prepare(on, label(2));
    const asked: string[] = [];
    const removed = await on.sweep!(JOB, async (leftover) => {
      asked.push(leftover.label);
      return leftover.label === label();
    });
    expect(removed).toBe(3);
    expect(asked.sort()).toEqual([label(), label(2)]);
    expect(await on.commit(decided)).toEqual({ kind: 'committed' });
    expect(await s3.uploads()).toEqual(KEYS.map((key) => key.replace(JOB, other)).sort());
  });

  it('are gone when an attempt is discarded in their midst', async () => {
    const writer = await sink().open(label());
    for (const day of DAYS) await writer.write(Buffer.from('{}\n'), day);
    expect(await s3.uploads()).toEqual(KEYS);
    await writer.discard();
    expect(await s3.uploads()).toEqual([]);
  });
});
