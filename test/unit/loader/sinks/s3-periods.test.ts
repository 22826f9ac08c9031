import { describe, expect, it } from 'vitest';
import { makeS3Sink } from '../../../../functions/loader/sinks/s3.ts';
import { s3Destination } from '../../../../functions/shared/domain/spec/s3-destination.ts';
import { attemptLabel } from '../../../../functions/shared/domain/task.ts';
import { Bucket, s3Error } from '../../../simulation/doubles/sinks/s3/bucket.ts';
import { s3ClientDouble } from '../../../simulation/doubles/sinks/s3/s3-client-double.ts';

const DAYS = ['2026-01-01', '2026-01-02', '__HIVE_DEFAULT_PARTITION__'];
const JOB = '01KDVDNA00A6ZXVHF8S4D39VB3';
const TASK = '01M82V5SD07PR4WFRS1706B5K6';
const label = (attempt: number) => attemptLabel({ jobId: JOB, id: TASK }, attempt);

/** A bucket that fails one call, counted from 0: before its effect, or behind it as when its answer is lost. */
function failingAt(bucket: Bucket, n: number, when: 'before' | 'after', isAmazon = true) {
  let calls = 0;
  const client = s3ClientDouble(bucket, {
    page: isAmazon ? 1_000 : 1,
    async send(_what, _isPrivate, effect) {
      const isIt = calls === n;
      calls += 1;
      if (isIt && when === 'before') throw s3Error('InternalError', 500);
      const answer = effect();
      if (isIt) throw s3Error('InternalError', 500);
      return answer;
    },
    complete(completion) {
      if (!bucket.completed.has(completion.uploadId)) bucket.complete(completion);
      else if (!isAmazon) throw s3Error('NoSuchUpload', 404);
    },
    abort: (uploadId) => bucket.abort(uploadId),
  });
  const sink = makeS3Sink({
    destination: s3Destination.parse({
      bucket: 'lake',
      partitionBy: { column: 'at' },
      ...(isAmazon ? {} : { endpoint: 'http://127.0.0.1:9000' }),
    }),
    jobName: 'flights',
    client,
    newToken: () => `token-${bucket.uploads.size}-${bucket.objects.size}`,
  });
  return { sink, hasFailed: () => calls > n };
}

async function prepare(sink: ReturnType<typeof failingAt>['sink'], attempt: number) {
  const writer = await sink.open(label(attempt));
  for (const day of DAYS) await writer.write(Buffer.from(`${day}\n`), day);
  await writer.keep?.(Buffer.from('bad\n'));
  return writer.prepare();
}

const sound = (bucket: Bucket, isAmazon = true) => failingAt(bucket, -1, 'before', isAmazon).sink;
const contents = (bucket: Bucket) =>
  [...bucket.objects.values()].map(({ body }) => body.toString().trim()).sort();
const ALL = [...DAYS, 'bad'].sort();

describe('an attempt of several objects', () => {
  it.each([
    ['before', true],
    ['after', true],
    ['before', false],
    ['after', false],
  ] as const)(
    'that ends %s any call to S3, Amazon’s being %s, leaves nothing behind its abort',
    async (when, isAmazon) => {
      for (let n = 0; ; n += 1) {
        const bucket = new Bucket();
        const { sink, hasFailed } = failingAt(bucket, n, when, isAmazon);
        await prepare(sink, 1).catch(() => undefined);
        await sound(bucket, isAmazon).abort(label(1));
        expect(bucket.uploads.size).toBe(0);
        const next = sound(bucket, isAmazon);
        expect(await next.commit(await prepare(next, 2))).toEqual({ kind: 'committed' });
        expect(contents(bucket)).toEqual(ALL);
        if (!hasFailed()) break;
      }
    },
  );

  it.each([
    ['before', true],
    ['after', true],
    ['before', false],
    ['after', false],
  ] as const)(
    'whose commit ends %s any call to S3, Amazon’s being %s, is finished by the next',
    async (when, isAmazon) => {
      for (let n = 0; ; n += 1) {
        const bucket = new Bucket();
        const handle = await prepare(sound(bucket, isAmazon), 1);
        const { sink, hasFailed } = failingAt(bucket, n, when, isAmazon);
        await sink.commit(handle).catch(() => undefined);
        const again = await sound(bucket, isAmazon).commit(handle);
        expect(['committed', 'already-committed']).toContain(again.kind);
        expect(contents(bucket)).toEqual(ALL);
        expect(bucket.uploads.size).toBe(0);
        if (!hasFailed()) break;
      }
    },
  );

  it('is discarded whole when any call for an upload fails', async () => {
    for (let n = 0; ; n += 1) {
      const bucket = new Bucket();
      const { sink, hasFailed } = failingAt(bucket, n, 'before');
      const writer = await sink.open(label(1));
      const work = async () => {
        for (const day of DAYS) await writer.write(Buffer.from(day), day);
        await writer.prepare();
      };
      await work().catch(() => undefined);
      if (!hasFailed()) break;
      await writer.discard();
      expect(bucket.uploads.size).toBe(0);
    }
  });
});
