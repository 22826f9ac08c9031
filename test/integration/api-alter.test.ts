import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { listHistory, readJob } from '../../functions/shared/store/jobs.ts';
import type { Tables } from '../../functions/shared/store/tables.ts';
import { claimTask, markInDoubt } from '../../functions/shared/store/tasks.ts';
import { type ApiReply, apiOver, type Call, smallSpec } from '../support/api-calls.ts';
import { bringTo, laneOf, plan, run } from '../support/job-states.ts';
import { freshTables } from '../support/tables.ts';

let tables: Tables;
let call: Call;
let count = 0;
let id: string;

beforeAll(async () => {
  tables = (await freshTables()).tables;
  call = apiOver(tables).call;
});

beforeEach(async () => {
  count += 1;
  const body = smallSpec(`job-${count}`, { columns: 'a, b', batch: { maxRows: 500_000 } });
  id = (await call('POST /jobs', { body })).body.id;
  await call(`POST /jobs/${id}/pause`);
});

function patch(body: unknown, type = 'application/merge-patch+json'): Promise<ApiReply> {
  return call(`PATCH /jobs/${id}`, { body, headers: { 'content-type': type } });
}

function pointers({ body }: ApiReply): string[] {
  return body.errors.map(({ pointer }: { pointer: string }) => pointer);
}

describe('what a patch does', () => {
  test('it merges into the specification, counts a version and keeps the old ones in the history', async () => {
    const { status, body } = await patch({
      comment: 'slower',
      desiredConcurrency: 2,
      columns: null,
      batch: { maxIntervalSeconds: 30 },
      source: {
        kafka: {
          brokers: ['b-2.kafka.test:9092'],
          isolation: 'read_uncommitted',
          partitions: [0, 3],
        },
      },
    });

    expect(status).toBe(200);
    expect(body).toMatchObject({ state: 'PAUSED', specVersion: 2 });
    expect(body.spec).toMatchObject({
      comment: 'slower',
      desiredConcurrency: 2,
      batch: { maxRows: 500_000, maxIntervalSeconds: 30 },
      source: { kafka: { topic: 'flights', brokers: ['b-2.kafka.test:9092'], partitions: [0, 3] } },
    });
    expect(body.spec.columns).toBeUndefined();
    const { entries } = (await call(`GET /jobs/${id}/history`)).body;
    expect(entries[0]).toMatchObject({
      kind: 'spec',
      detail: { specVersion: 2, spec: { comment: 'slower' } },
    });
  });

  test('null brings a default back, and the installation bounds it', async () => {
    const { body } = await patch({ batch: { maxRows: null } });

    expect(body.spec.batch.maxRows).toBe(1_000_000);
  });

  test('plain application/json is taken too', async () => {
    expect((await patch({ comment: 'plain' }, 'application/json; charset=utf-8')).status).toBe(200);
  });

  test('a patch that changes nothing writes nothing', async () => {
    const before = await readJob(tables, id);

    const { status, body } = await patch({ comment: '', source: { kafka: { topic: 'flights' } } });

    expect([status, body.specVersion]).toEqual([200, 1]);
    expect(await readJob(tables, id)).toEqual(before);
  });

  test.each([
    'earliest',
    { timestamp: '2026-01-01T00:00:00Z' },
    { 0: '9223372036854775807', 1: 'earliest' },
  ])('seek %j waits for the next division and is shown until then', async (seek) => {
    const { status, body } = await patch({ seek });

    expect([status, body.seek]).toEqual([200, seek]);
    expect((await readJob(tables, id))?.seek).toEqual(seek);
    expect(body.spec.seek).toBeUndefined();
  });

  test('a seek of null withdraws the one that stands, and writes nothing where none does', async () => {
    await patch({ seek: 'earliest' });

    const { status, body } = await patch({ seek: null, comment: 'stays' });
    expect([status, body.seek, body.specVersion]).toEqual([200, undefined, 3]);
    const withdrawn = await readJob(tables, id);
    expect(withdrawn?.seek).toBeUndefined();
    const { entries } = await listHistory(tables, id, { limit: 1 });
    expect(entries[0]).toMatchObject({
      reason: { message: 'altered by the user: comment, seek (withdrawn)' },
    });

    expect((await patch({ seek: null })).status).toBe(200);
    expect(await readJob(tables, id)).toEqual(withdrawn);
  });

  test('a job of another state than PAUSED is left alone', async () => {
    await call(`POST /jobs/${id}/resume`);

    const { status, body } = await patch({ comment: 'no' });

    expect([status, body.code]).toEqual([409, 'JOB_NOT_PAUSED']);
    expect(body.detail).toContain('NEED_SCHEDULE');
  });

  test('a paused job is left alone while a task is in flight, and its offsets while one is in doubt', async () => {
    await call(`POST /jobs/${id}/resume`);
    const lanes = [0, 1].map((index) => laneOf(id, { index }));
    await run(tables, id, { lanes });
    const task = await plan(tables, lanes[0]!);
    await bringTo(tables, id, { to: 'PAUSED', code: 'PAUSED_BY_USER' });

    const refused = await patch({ comment: 'early' });
    expect([refused.status, refused.body.code]).toEqual([409, 'TASKS_IN_FLIGHT']);
    expect(refused.body.detail).toContain(task.id);

    const claimed = await claimTask(tables, task, { owner: 'loader-1', leaseUntil: 9_000 });
    const error = { code: 'COMMIT_IN_DOUBT', message: 'look', at: 9_000, attempt: 1 } as const;
    await markInDoubt(tables, claimed!, error);
    expect((await patch({ comment: 'meanwhile' })).status).toBe(200);
    const moved = await patch({ seek: { 0: '250' } });
    expect([moved.status, moved.body.code]).toEqual([409, 'TASKS_IN_DOUBT']);
    expect(moved.body.detail).toMatch(
      new RegExp(`${task.id}.* POST /jobs/${id}/tasks/\\{task\\}/resolve`),
    );
  });

  test('of two patches at once both take effect, one after the other', async () => {
    const replies = await Promise.all([
      patch({ comment: 'both' }),
      patch({ desiredConcurrency: 9 }),
    ]);

    expect(replies.map(({ status }) => status)).toEqual([200, 200]);
    expect((await call(`GET /jobs/${id}`)).body).toMatchObject({
      specVersion: 3,
      spec: { comment: 'both', desiredConcurrency: 9 },
    });
  });
});

describe('what it refuses', () => {
  test.each<[string, object, string[]]>([
    ['another name', { name: 'other' }, ['/name']],
    ['another topic', { source: { kafka: { topic: 'b' } } }, ['/source/kafka/topic']],
    [
      'another cluster',
      {
        source: {
          kafka: {
            brokers: null,
            clusterArn: 'arn:aws:kafka:eu-west-1:123456789012:cluster/a/b',
          },
        },
      },
      ['/source/kafka/clusterArn'],
    ],
    ['another table', { destination: { file: { table: 'b' } } }, ['/destination/file/table']],
    ['another layout', { destination: { file: { format: 'csv' } } }, ['/destination/file/format']],
    [
      'start offsets',
      { source: { kafka: { startOffsets: { 0: '5' } } } },
      ['/source/kafka/startOffsets'],
    ],
    ['an end', { source: { kafka: { endOffsets: 'latest' } } }, ['/source/kafka/endOffsets']],
  ])('%s', async (_, change, expected) => {
    const reply = await patch({ comment: 'kept out', ...change });

    expect([reply.status, reply.body.code]).toEqual([400, 'INVALID_REQUEST']);
    expect(pointers(reply)).toEqual(expected);
    expect(reply.body.errors[0].detail).toMatch(/^cannot be altered in a job that exists: /);
    expect((await readJob(tables, id))?.spec.comment).toBe('');
  });

  test.each<[string, unknown, string[]]>([
    ['a list', [], ['']],
    ['nothing', undefined, ['']],
    ['unknown fields', { colour: 1, batch: { size: 1 } }, ['/batch/size', '/colour']],
    ['negative limits', { batch: { maxRows: -1 } }, ['/batch/maxRows']],
    ['more than the installation allows', { batch: { maxRows: 1_000_001 } }, ['/batch/maxRows']],
    [
      'a foreign broker',
      { source: { kafka: { brokers: ['evil:1'] } } },
      ['/source/kafka/brokers/0'],
    ],
    ['a seek without sense', { seek: { 0: '12a' } }, ['/seek/0']],
    [
      'a seek beyond the partitions',
      { source: { kafka: { partitions: [1] } }, seek: { 0: '1' } },
      ['/seek/0'],
    ],
    [
      'all faults at once',
      { colour: 1, errors: { maxFilterRatio: 2 }, seek: 7 },
      ['/errors/maxFilterRatio', '/colour', '/seek'],
    ],
  ])('%s', async (_, change, expected) => {
    const reply = await patch(change);

    expect([reply.status, reply.body.code]).toEqual([400, 'INVALID_REQUEST']);
    expect(pointers(reply)).toEqual(expected);
  });

  test.each<[string, number]>([
    ['by itself', 25_000],
    ['beside the specification that it stands with', 7_000],
  ])('a seek that is too large %s, and not with a failure of its own', async (_, partitions) => {
    const offsets = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [i, '9223372036854775807']));
    const kafka = {
      brokers: ['b.kafka.test:9092'],
      topic: 'flights',
      startOffsets: offsets(8_000),
    };
    const large = await call('POST /jobs', {
      body: smallSpec(`large-${count}`, { source: { kafka } }),
    });
    await call(`POST /jobs/${large.body.id}/pause`);

    const body = { seek: offsets(partitions) };
    const reply = await call(`PATCH /jobs/${large.body.id}`, { body });

    expect([reply.status, reply.body.code]).toEqual([400, 'INVALID_REQUEST']);
    expect(pointers(reply)).toEqual(['/seek']);
    expect(reply.body.errors[0].detail).toContain('at most 327680 bytes');
  });

  test('a batch limit that the installation allowed once stays when something else is altered', async () => {
    const limits = {
      MAX_BATCH_ROWS: 1_000,
      MAX_BATCH_BYTES: 1_073_741_824,
      ALLOWED_BROKERS: ['*'],
      ALLOWED_DESTINATIONS: ['*'],
      ALLOWED_ENDPOINTS: undefined,
      ALLOWED_REGISTRIES: ['*'],
      FILE_DIRECTORIES: ['/data/tables'],
    };
    const stricter = apiOver(tables, { limits }).call;

    expect((await stricter(`PATCH /jobs/${id}`, { body: { comment: 'fine' } })).status).toBe(200);
    expect(
      (await stricter(`PATCH /jobs/${id}`, { body: { batch: { maxRows: 1_001 } } })).status,
    ).toBe(400);
  });
});
