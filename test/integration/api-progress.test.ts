import { describe, expect, test } from 'vitest';
import type { Lane } from '../../functions/shared/domain/lane.ts';
import { releaseTask } from '../../functions/shared/store/task-offers.ts';
import { claimTask } from '../../functions/shared/store/tasks.ts';
import { jobForEachTest } from '../support/job-for-each-test.ts';
import { finish, laneOf, plan, run } from '../support/job-states.ts';

const { clock, tables, call, job } = await jobForEachTest();

describe('progress', () => {
  test('lag, offsets and statistics come from the lanes of the generation that counts', async () => {
    const big = 9_007_199_254_740_993n;
    await run(tables, job.id, {
      lanes: [
        laneOf(job.id, {
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
        laneOf(job.id, { index: 1, next: new Map([[1, 7n]]), ends: new Map(), rows: 5 }),
        laneOf(job.id, { generation: 2, index: 0, next: new Map([[9, 0n]]), rows: 1_000 }),
      ],
    });

    const { body } = await call(`GET /jobs/${job.id}`);

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
    const lane = laneOf(job.id);
    await run(tables, job.id, { lanes: [lane], now: clock.now() });
    await finish(tables, await plan(tables, lane), { now: clock.now() });

    const { body } = await call(`GET /jobs/${job.id}`);

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
    const first = await call(`GET /jobs/${job.id}`);
    const list = await call(`GET /jobs/${job.id}/history`);

    expect(first.text.startsWith(`{"id":"${job.id}","name":"${job.name}","state":`)).toBe(true);
    expect((await call(`GET /jobs/${job.id}`)).text).toBe(first.text);
    expect(list.text.startsWith('{"entries":[{"id":')).toBe(true);
  });

  test('ten thousand partitions are shown', async () => {
    const next = new Map(Array.from({ length: 5_000 }, (_, i) => [i, BigInt(i)]));
    const ends = new Map([...next].map(([partition, offset]) => [partition, offset + 2n]));
    const more = new Map([...next].map(([partition, offset]) => [partition + 5_000, offset]));
    await run(tables, job.id, {
      lanes: [
        laneOf(job.id, { next, ends }),
        laneOf(job.id, { index: 1, next: more, ends: new Map() }),
      ],
    });

    const { status, body } = await call(`GET /jobs/${job.id}`);

    expect([status, body.lag.records]).toEqual([200, '10000']);
    expect(Object.keys(body.lag.partitions)).toHaveLength(10_000);
  });
});

describe('stalled', () => {
  async function stalledAfter(lane: Lane, waitMs: number) {
    await run(tables, job.id, { lanes: [lane], now: clock.now() });
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
    return (await call(`GET /jobs/${job.id}`)).body.stalled;
  }

  test('a job with lag and no commit for five rounds says so, with its last error', async () => {
    const since = new Date(clock.now()).toISOString();

    const stalled = await stalledAfter(laneOf(job.id, { ends: new Map([[0, 500n]]) }), 300_000);

    expect(stalled).toEqual({
      since,
      message:
        '1 of 1 lanes have lag and committed nothing for 300 s or longer: connection refused',
      lanes: [0],
      lastError: { code: 'SINK_UNREACHABLE', message: 'connection refused', at: since, attempt: 1 },
    });
  });

  test('it does not say so a moment earlier', async () => {
    expect(await stalledAfter(laneOf(job.id, { ends: new Map([[0, 500n]]) }), 299_999)).toBe(false);
  });

  test('a job without lag is not stalled, however long it stays so', async () => {
    expect(await stalledAfter(laneOf(job.id), 86_400_000)).toBe(false);
  });
});

describe('history', () => {
  test('it is shown newest first, in pages', async () => {
    for (const verb of ['pause', 'resume', 'pause', 'stop'])
      await call(`POST /jobs/${job.id}/${verb}`);

    const first = (await call(`GET /jobs/${job.id}/history?limit=3`)).body;
    const rest = (await call(`GET /jobs/${job.id}/history?limit=3&cursor=${first.cursor}`)).body;

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
