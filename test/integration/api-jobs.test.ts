import { beforeAll, describe, expect, test } from 'vitest';
import { jobKey } from '../../functions/shared/store/job-record.ts';
import { OutcomeUnknown, type Tables } from '../../functions/shared/store/tables.ts';
import { apiOver, type Call, smallSpec } from '../support/api-calls.ts';
import { freshTables } from '../support/tables.ts';

let tables: Tables;
let call: Call;

beforeAll(async () => {
  tables = (await freshTables()).tables;
  call = apiOver(tables).call;
});

describe('creating', () => {
  test('a job is created, found at its location, and waits for the scheduler', async () => {
    const created = await call('POST /jobs', { body: smallSpec('created') });

    expect(created.status).toBe(201);
    expect(created.headers.location).toBe(`/jobs/${created.body.id}`);
    expect(created.body).toMatchObject({
      name: 'created',
      state: 'NEED_SCHEDULE',
      reason: { code: 'CREATED' },
      stalled: false,
      generation: 0,
      specVersion: 1,
      lanes: [],
      lag: { records: '0', partitions: {} },
      statistics: {
        rows: 0,
        elements: 0,
        bytes: 0,
        rejected: 0,
        skipped: 0,
        filtered: 0,
        tasks: 0,
      },
      tasksInFlight: 0,
    });
    const shown = await call(`GET ${created.headers.location}`);
    expect(shown.body).toEqual(created.body);
    expect((await call('GET /jobs/created')).body).toEqual(created.body);
  });

  test('every default is shown in the specification, and batches by what the installation allows', async () => {
    const { body } = await call('POST /jobs', { body: smallSpec('defaults') });

    expect(body.spec).toMatchObject({
      comment: '',
      format: { type: 'json' },
      desiredConcurrency: 5,
      batch: { maxRows: 1_000_000, maxBytes: 268_435_456, maxIntervalSeconds: 10 },
      policies: { offsetOutOfRange: 'pause' },
    });
  });

  test('a name is taken until its job is stopped, and free from then on', async () => {
    const first = await call('POST /jobs', { body: smallSpec('reused') });

    const second = await call('POST /jobs', { body: smallSpec('reused') });
    expect(second.status).toBe(409);
    expect(second.body).toMatchObject({ code: 'NAME_TAKEN', jobId: first.body.id });

    await call('POST /jobs/reused/stop');
    const third = await call('POST /jobs', { body: smallSpec('reused') });
    expect(third.status).toBe(201);
    expect((await call('GET /jobs/reused')).body.id).toBe(third.body.id);
    expect((await call(`GET /jobs/${first.body.id}`)).body.state).toBe('STOPPED');
  });

  test('of many creations of one name at once exactly one wins', async () => {
    const replies = await Promise.all(
      Array.from({ length: 8 }, () => call('POST /jobs', { body: smallSpec('raced') })),
    );

    expect(replies.map(({ status }) => status).sort()).toEqual([201, ...Array(7).fill(409)]);
    const winner = replies.find(({ status }) => status === 201)?.body.id;
    for (const { status, body } of replies) if (status === 409) expect(body.jobId).toBe(winner);
    const { body } = await call('GET /jobs?name=raced');
    expect(body.jobs.map(({ id }: { id: string }) => id)).toEqual([winner]);
  });

  test('a creation whose answer is lost on the way from the store makes one job', async () => {
    let lost = 0;
    const silent: Tables = {
      ...tables,
      transact: async (writes, token) => {
        const outcome = await tables.transact(writes, token);
        lost += 1;
        if (lost === 1) throw new OutcomeUnknown(new Error('socket hang up'));
        return outcome;
      },
    };

    const reply = await apiOver(silent).call('POST /jobs', { body: smallSpec('lost-answer') });

    expect(reply.status).toBe(201);
    expect((await call('GET /jobs?name=lost-answer')).body.jobs).toHaveLength(1);
  });
});

describe('idempotency', () => {
  const post = (name: string, key: string, more: object = {}) =>
    call('POST /jobs', { body: smallSpec(name, more), headers: { 'Idempotency-Key': key } });

  test('the same key with the same body answers with the same job, even when it is stopped by then', async () => {
    const first = await post('once', 'key-1');
    const again = await post('once', 'key-1');
    await call('POST /jobs/once/stop');
    const late = await post('once', 'key-1');

    expect([first.status, again.status, late.status]).toEqual([201, 201, 201]);
    expect(first.headers['idempotency-replayed']).toBeUndefined();
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(again.body).toEqual(first.body);
    expect(late.body).toMatchObject({ id: first.body.id, state: 'STOPPED' });
  });

  test('the order of fields makes no other body', async () => {
    const spec = smallSpec('ordered');
    const reversed = Object.fromEntries(Object.entries(spec).reverse());
    const headers = { 'Idempotency-Key': 'key-2' };

    const first = await call('POST /jobs', { body: spec, headers });
    const again = await call('POST /jobs', { body: reversed, headers });

    expect(again.body.id).toBe(first.body.id);
  });

  test('the same key with another body is refused', async () => {
    await post('keyed', 'key-3');

    const other = await post('keyed', 'key-3', { comment: 'another' });

    expect(other.status).toBe(422);
    expect(other.body.code).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  test('of one request sent many times at once one job comes out', async () => {
    const replies = await Promise.all(Array.from({ length: 6 }, () => post('twins', 'key-4')));

    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(replies.map(({ body }) => body.id)).size).toBe(1);
  });

  test('a request that died between its key and its job is taken up where it was', async () => {
    const down: Tables = { ...tables, transact: () => Promise.reject(new Error('killed here')) };
    const headers = { 'Idempotency-Key': 'key-5' };
    await apiOver(down).call('POST /jobs', { body: smallSpec('taken-up'), headers });

    const again = await post('taken-up', 'key-5');

    expect(again.status).toBe(201);
    expect((await call('GET /jobs?name=taken-up')).body.jobs).toHaveLength(1);
  });
});

describe('finding', () => {
  test('an id goes before a name that looks like it', async () => {
    const job = (await call('POST /jobs', { body: smallSpec('first-of-two') })).body;
    const impostor = (await call('POST /jobs', { body: smallSpec(job.id) })).body;

    expect((await call(`GET /jobs/${job.id}`)).body.name).toBe('first-of-two');
    expect((await call(`GET /jobs/${impostor.id}`)).body.name).toBe(job.id);
  });

  test('a name that looks like an id is found when no job has that id', async () => {
    await call('POST /jobs', { body: smallSpec('01ARZ3NDEKTSV4RRFFQ69G5FAV') });

    const { status, body } = await call('GET /jobs/01ARZ3NDEKTSV4RRFFQ69G5FAV');

    expect([status, body.name]).toEqual([200, '01ARZ3NDEKTSV4RRFFQ69G5FAV']);
  });

  test('the name of a stopped job finds nothing, and says how it is found', async () => {
    await call('POST /jobs', { body: smallSpec('gone') });
    await call('POST /jobs/gone/stop');

    const { status, body } = await call('GET /jobs/gone');

    expect([status, body.code]).toEqual([404, 'JOB_NOT_FOUND']);
    expect(body.detail).toContain('GET /jobs?name=gone');
  });

  test.each(['nobody', 'a%20b', '..', '01ARZ3NDEKTSV4RRFFQ69G5FAX', 'x'.repeat(2_000)])(
    'nothing is found as %s',
    async (name) => {
      expect(await call(`GET /jobs/${name}`)).toMatchObject({
        status: 404,
        body: { code: 'JOB_NOT_FOUND' },
      });
    },
  );
});

describe('a job whose record cannot be read', () => {
  test('stands beside the others in the list, and is a problem of its own everywhere else', async () => {
    const { tables: own } = await freshTables();
    const api = apiOver(own).call;
    const ids: string[] = [];
    for (const name of ['older', 'newer', 'last']) {
      ids.push((await api('POST /jobs', { body: smallSpec(name) })).body.id);
    }
    const [older, newer = '', last] = ids;
    await own.write({
      kind: 'update',
      key: jobKey(newer),
      set: { v: 2, shape: 'new' },
      condition: [],
    });

    const pages = [];
    for (let path = '/jobs?limit=1'; path !== ''; ) {
      const { body } = await api(`GET ${path}`);
      pages.push({ jobs: body.jobs.map(({ id }: { id: string }) => id), more: body.unreadable });
      path = body.cursor === undefined ? '' : `/jobs?limit=1&cursor=${body.cursor}`;
    }
    expect(pages).toEqual([
      { jobs: [last], more: undefined },
      { jobs: [], more: [{ id: newer }] },
      { jobs: [older], more: undefined },
    ]);
    expect((await api('GET /jobs?name=last&state=NEED_SCHEDULE')).body).toMatchObject({
      jobs: [{ id: last }],
      unreadable: [{ id: newer }],
    });
    for (const path of [newer, 'newer', `${newer}/tasks`]) {
      expect(await api(`GET /jobs/${path}`)).toMatchObject({
        status: 500,
        body: {
          code: 'JOB_UNREADABLE',
          jobId: newer,
          detail: `the record of job ${newer} cannot be read: it must have version 1, got 2; it may have been written by a newer installation`,
        },
      });
    }
  });
});

describe('listing', () => {
  let list: Call;

  beforeAll(async () => {
    list = apiOver((await freshTables()).tables).call;
    for (let i = 0; i < 7; i += 1) {
      await list('POST /jobs', { body: smallSpec(`${i % 2 === 0 ? 'Even' : 'odd'}-${i}`) });
    }
    await list('POST /jobs/Even-0/pause');
    await list('POST /jobs/odd-1/pause');
    await list('POST /jobs/Even-2/stop');
  });

  async function names(query: string): Promise<string[]> {
    const { body } = await list(`GET /jobs${query}`);
    return body.jobs.map(({ name }: { name: string }) => name);
  }

  test('all jobs come, the final ones too, newest first', async () => {
    expect(await names('')).toEqual([
      'Even-6',
      'odd-5',
      'Even-4',
      'odd-3',
      'Even-2',
      'odd-1',
      'Even-0',
    ]);
  });

  test.each([
    ['?state=PAUSED', ['odd-1', 'Even-0']],
    ['?state=PAUSED,STOPPED', ['Even-2', 'odd-1', 'Even-0']],
    ['?state=PAUSED&state=STOPPED', ['Even-2', 'odd-1', 'Even-0']],
    ['?name=even', ['Even-6', 'Even-4', 'Even-2', 'Even-0']],
    ['?name=-5', ['odd-5']],
    ['?state=PAUSED&name=odd', ['odd-1']],
    ['?name=nothing', []],
  ])('%s', async (query, expected) => {
    expect(await names(query)).toEqual(expected);
  });

  test.each([1, 2, 3, 7])(
    'pages of %i hold every job once, filtered or not, and the last has no cursor',
    async (limit) => {
      for (const [filter, expected] of [
        ['', 7],
        ['&name=even', 4],
      ] as const) {
        const seen: string[] = [];
        let cursor: string | undefined;
        let pages = 0;
        do {
          const { body } = await list(
            `GET /jobs?limit=${limit}${filter}${cursor ? `&cursor=${cursor}` : ''}`,
          );
          seen.push(...body.jobs.map(({ name }: { name: string }) => name));
          cursor = body.cursor;
          pages += 1;
        } while (cursor);
        expect(seen).toHaveLength(expected);
        expect(new Set(seen).size).toBe(expected);
        expect(pages).toBe(Math.ceil(expected / limit));
      }
    },
  );

  test('a job created between two pages neither repeats nor hides another', async () => {
    const first = await list('GET /jobs?limit=3');
    await list('POST /jobs', { body: smallSpec('between-pages') });

    const second = await list(`GET /jobs?limit=3&cursor=${first.body.cursor}`);

    expect(second.body.jobs.map(({ name }: { name: string }) => name)).toEqual([
      'odd-3',
      'Even-2',
      'odd-1',
    ]);
  });
});
