import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Lane } from '../../functions/shared/domain/lane.ts';
import type { Decision, Task } from '../../functions/shared/domain/task.ts';
import { newId } from '../../functions/shared/new-id.ts';
import { advanceLane, cancelTask } from '../../functions/shared/store/finish.ts';
import { readLane } from '../../functions/shared/store/lanes.ts';
import type { Tables } from '../../functions/shared/store/tables.ts';
import { claimTask, recordDecision, releaseTask } from '../../functions/shared/store/tasks.ts';
import { apiOver, type Call, makeStillClock, smallSpec } from '../support/api-calls.ts';
import { laneOf, plan, run } from '../support/job-states.ts';
import { freshTables } from '../support/tables.ts';

const clock = makeStillClock();
let tables: Tables;
let call: Call;
let count = 0;
let id: string;

beforeAll(async () => {
  tables = (await freshTables()).tables;
  call = apiOver(tables, { clock }).call;
});

beforeEach(async () => {
  count += 1;
  id = (await call('POST /jobs', { body: smallSpec(`job-${count}`) })).body.id;
});

function decisionOf(task: Task, more: Partial<Decision['statistics']> = {}): Decision {
  return {
    attempt: task.attempt,
    handle: { file: 'part-0', bytes: 900 },
    to: new Map([[0, 250n]]),
    statistics: {
      counts: new Map([[0, { rows: 140, rejected: 6, skipped: 4, filtered: 0 }]]),
      bytes: 1_000,
      writtenBytes: 900,
      badRows: [
        { partition: 0, offset: '101', column: 'delay', reason: 'no JSON', excerpt: '{"a' },
      ],
      policies: [
        { policy: 'tombstone', action: 'skip', partition: 0, count: 4, from: 102n, to: 240n },
      ],
      ...more,
    },
    at: 5_000,
  };
}

/** Runs the lane's task to its end. */
async function finish(task: Task, statistics: Partial<Decision['statistics']> = {}): Promise<void> {
  const claimed = await claimTask(tables, task, { owner: 'loader-1', leaseUntil: 60_000 });
  const lane = await readLane(tables, { ...task, index: task.lane });
  const decision = decisionOf(claimed!, statistics);
  await recordDecision(tables, claimed!, decision);
  await advanceLane(tables, {
    lane: lane!,
    task: claimed!,
    decision,
    errorWindow: { rows: 0, bad: 0 },
    ends: new Map([[0, 300n]]),
    now: clock.now(),
    token: newId(),
    retentionDays: 7,
  });
}

describe('progress', () => {
  test('lag, offsets and statistics come from the lanes of the generation that counts', async () => {
    const big = 9_007_199_254_740_993n;
    await run(tables, id, {
      lanes: [
        laneOf(id, {
          next: new Map([
            [0, 100n],
            [2, big],
          ]),
          ends: new Map([
            [0, 300n],
            [2, big + 1n],
          ]),
          rows: 10,
        }),
        laneOf(id, { index: 1, next: new Map([[1, 7n]]), ends: new Map(), rows: 5 }),
        laneOf(id, { generation: 2, index: 0, next: new Map([[9, 0n]]), rows: 1_000 }),
      ],
    });

    const { body } = await call(`GET /jobs/${id}`);

    expect(body.lag).toEqual({
      records: '201',
      partitions: {
        0: { next: '100', end: '300', lag: '200' },
        1: { next: '7' },
        2: { next: '9007199254740993', end: '9007199254740994', lag: '1' },
      },
    });
    expect(body.lanes).toEqual([
      { lane: 0, partitions: 2, lag: '201' },
      { lane: 1, partitions: 1, lag: '0' },
    ]);
    expect(body.statistics).toEqual({
      rows: 15,
      elements: 15,
      bytes: 0,
      rejected: 0,
      skipped: 0,
      filtered: 0,
      tasks: 0,
    });
  });

  test('a finished task has moved its lane on', async () => {
    const lane = laneOf(id);
    await run(tables, id, { lanes: [lane], now: clock.now() });
    await finish(await plan(tables, lane));

    const { body } = await call(`GET /jobs/${id}`);

    expect(body.lanes).toEqual([
      { lane: 0, partitions: 1, lag: '50', committedAt: '2026-03-01T12:00:00.000Z' },
    ]);
    expect(body.statistics).toEqual({
      rows: 140,
      elements: 140,
      bytes: 1_000,
      rejected: 6,
      skipped: 4,
      filtered: 0,
      tasks: 1,
    });
    expect(body.tasks).toEqual([]);
  });

  test('the fields of an answer come in the same order every time', async () => {
    const first = await call(`GET /jobs/${id}`);
    const list = await call(`GET /jobs/${id}/history`);

    expect(first.text.startsWith(`{"id":"${id}","name":"job-${count}","state":`)).toBe(true);
    expect((await call(`GET /jobs/${id}`)).text).toBe(first.text);
    expect(list.text.startsWith('{"entries":[{"id":')).toBe(true);
  });

  test('ten thousand partitions are shown', async () => {
    const next = new Map(Array.from({ length: 5_000 }, (_, i) => [i, BigInt(i)]));
    const ends = new Map([...next].map(([partition, offset]) => [partition, offset + 2n]));
    const more = new Map([...next].map(([partition, offset]) => [partition + 5_000, offset]));
    await run(tables, id, {
      lanes: [laneOf(id, { next, ends }), laneOf(id, { index: 1, next: more, ends: new Map() })],
    });

    const { status, body } = await call(`GET /jobs/${id}`);

    expect([status, body.lag.records]).toEqual([200, '10000']);
    expect(Object.keys(body.lag.partitions)).toHaveLength(10_000);
  });
});

describe('stalled', () => {
  async function stalledAfter(lane: Lane, waitMs: number) {
    await run(tables, id, { lanes: [lane], now: clock.now() });
    const task = await plan(tables, lane, { createdAt: clock.now() });
    const claimed = await claimTask(tables, task, { owner: 'loader-1', leaseUntil: 1 });
    const error = {
      code: 'SINK_UNREACHABLE',
      message: 'connection refused',
      at: clock.now(),
      attempt: 1,
    } as const;
    await releaseTask(tables, claimed!, { error, notBefore: 1 });
    clock.forward(waitMs);
    return (await call(`GET /jobs/${id}`)).body.stalled;
  }

  test('a job with lag and no commit for five rounds says so, with its last error', async () => {
    const since = new Date(clock.now()).toISOString();

    const stalled = await stalledAfter(laneOf(id, { ends: new Map([[0, 500n]]) }), 300_000);

    expect(stalled).toEqual({
      since,
      message:
        '1 of 1 lanes have lag and committed nothing for 300 s or longer: connection refused',
      lanes: [0],
      lastError: { code: 'SINK_UNREACHABLE', message: 'connection refused', at: since, attempt: 1 },
    });
  });

  test('it does not say so a moment earlier', async () => {
    expect(await stalledAfter(laneOf(id, { ends: new Map([[0, 500n]]) }), 299_999)).toBe(false);
  });

  test('a job without lag is not stalled, however long it stays so', async () => {
    expect(await stalledAfter(laneOf(id), 86_400_000)).toBe(false);
  });
});

describe('tasks', () => {
  test('finished, failed and waiting ones are listed newest first, by status when asked', async () => {
    const lanes = [0, 1, 2].map((index) => laneOf(id, { index }));
    await run(tables, id, { lanes });
    const done = await plan(tables, lanes[0]!);
    const cancelled = await plan(tables, lanes[1]!);
    const pending = await plan(tables, lanes[2]!);
    await finish(done);
    await cancelTask(tables, cancelled, { now: 9_000, token: newId(), retentionDays: 7 });

    const ids = async (query: string) =>
      (await call(`GET /jobs/${id}/tasks${query}`)).body.tasks.map((task: Task) => task.id);

    expect(await ids('')).toEqual([pending.id, cancelled.id, done.id]);
    expect(await ids('?status=DONE')).toEqual([done.id]);
    expect(await ids('?status=DONE,PENDING')).toEqual([pending.id, done.id]);
    expect(await ids('?status=IN_DOUBT')).toEqual([]);
    const page = (await call(`GET /jobs/${id}/tasks?limit=2`)).body;
    expect(page.tasks).toHaveLength(2);
    expect(await ids(`?limit=2&cursor=${page.cursor}`)).toEqual([done.id]);
  });

  test('one task shows its slice, its decision and its bad rows', async () => {
    const lane = laneOf(id);
    await run(tables, id, { lanes: [lane] });
    const task = await plan(tables, lane);
    await finish(task);

    const { status, body } = await call(`GET /jobs/job-${count}/tasks/${task.id}`);

    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: task.id,
      status: 'DONE',
      attempt: 1,
      owner: 'loader-1',
      slice: { 0: { from: '100', to: '250' } },
      offsets: '150',
      statistics: {
        rows: 140,
        rejected: 6,
        skipped: 4,
        filtered: 0,
        bytes: 1_000,
        writtenBytes: 900,
      },
      decision: {
        attempt: 1,
        label: `rl_${id}_${task.id}_1`,
        handle: { file: 'part-0', bytes: 900 },
        to: { 0: '250' },
        counts: { 0: { rows: 140, rejected: 6, skipped: 4, filtered: 0 } },
        policies: [
          { policy: 'tombstone', action: 'skip', partition: 0, count: 4, from: '102', to: '240' },
        ],
      },
      badRows: [
        { partition: 0, offset: '101', column: 'delay', reason: 'no JSON', excerpt: '{"a' },
      ],
    });
  });

  test.each(['01ARZ3NDEKTSV4RRFFQ69G5FAV', 'x', '%20'])('there is no task %s', async (task) => {
    expect(await call(`GET /jobs/${id}/tasks/${task}`)).toMatchObject({
      status: 404,
      body: { code: 'TASK_NOT_FOUND' },
    });
  });

  test("another job's task is not found", async () => {
    const lane = laneOf(id);
    await run(tables, id, { lanes: [lane] });
    const task = await plan(tables, lane);
    const other = (await call('POST /jobs', { body: smallSpec(`other-${count}`) })).body.id;

    expect((await call(`GET /jobs/${other}/tasks/${task.id}`)).status).toBe(404);
    expect((await call(`GET /jobs/${other}/tasks`)).body.tasks).toEqual([]);
  });
});

describe('errors', () => {
  test('tasks with bad rows or an error are shown, and no others', async () => {
    const lanes = [0, 1, 2].map((index) => laneOf(id, { index }));
    await run(tables, id, { lanes });
    const [clean, dirty, failed] = await Promise.all(lanes.map((lane) => plan(tables, lane)));
    await finish(clean!, { badRows: [] });
    await finish(dirty!);
    const claimed = await claimTask(tables, failed!, { owner: 'loader-1', leaseUntil: 1 });
    const error = { code: 'SINK_THROTTLED', message: 'slow down', at: 3_000, attempt: 1 } as const;
    await releaseTask(tables, claimed!, { error, notBefore: 1 });

    const { body } = await call(`GET /jobs/${id}/errors`);

    const byId = Object.fromEntries(body.tasks.map((task: { id: string }) => [task.id, task]));
    expect(Object.keys(byId).sort()).toEqual([dirty!.id, failed!.id].sort());
    expect(byId[dirty!.id]).toMatchObject({
      rejected: 6,
      badRows: [{ offset: '101', reason: 'no JSON' }],
    });
    expect(byId[failed!.id]).toMatchObject({
      status: 'PENDING',
      error: {
        code: 'SINK_THROTTLED',
        message: 'slow down',
        at: '1970-01-01T00:00:03.000Z',
        attempt: 1,
      },
      badRows: [],
    });
  });
});

describe('history', () => {
  test('it is shown newest first, in pages', async () => {
    for (const verb of ['pause', 'resume', 'pause', 'stop']) await call(`POST /jobs/${id}/${verb}`);

    const first = (await call(`GET /jobs/${id}/history?limit=3`)).body;
    const rest = (await call(`GET /jobs/${id}/history?limit=3&cursor=${first.cursor}`)).body;

    const changes = [...first.entries, ...rest.entries].map(({ from, to }) => [from, to]);
    expect(changes).toEqual([
      ['PAUSED', 'STOPPED'],
      ['NEED_SCHEDULE', 'PAUSED'],
      ['PAUSED', 'NEED_SCHEDULE'],
      ['NEED_SCHEDULE', 'PAUSED'],
      [undefined, 'NEED_SCHEDULE'],
    ]);
    expect(rest.cursor).toBeUndefined();
  });
});
