import { describe, expect, test } from 'vitest';
import type { Task } from '../../functions/shared/domain/task.ts';
import { newId } from '../../functions/shared/new-id.ts';
import { cancelTask } from '../../functions/shared/store/finish.ts';
import { releaseTask } from '../../functions/shared/store/task-offers.ts';
import { claimTask } from '../../functions/shared/store/tasks.ts';
import { smallSpec } from '../support/api-calls.ts';
import { jobForEachTest } from '../support/job-for-each-test.ts';
import { finish, laneOf, plan, run } from '../support/job-states.ts';

const { clock, tables, call, job } = await jobForEachTest();

describe('tasks', () => {
  test('finished, failed and waiting ones are listed newest first, by status when asked', async () => {
    const lanes = [0, 1, 2].map((index) => laneOf(job.id, { index }));
    await run(tables, job.id, { lanes });
    const done = await plan(tables, lanes[0]!);
    const cancelled = await plan(tables, lanes[1]!);
    const pending = await plan(tables, lanes[2]!);
    await finish(tables, done, { now: clock.now() });
    await cancelTask(tables, cancelled, { now: 9_000, token: newId(), retentionDays: 7 });

    const ids = async (query: string) =>
      (await call(`GET /jobs/${job.id}/tasks${query}`)).body.tasks.map((task: Task) => task.id);

    expect(await ids('')).toEqual([pending.id, cancelled.id, done.id]);
    expect(await ids('?status=DONE')).toEqual([done.id]);
    expect(await ids('?status=DONE,PENDING')).toEqual([pending.id, done.id]);
    expect(await ids('?status=IN_DOUBT')).toEqual([]);
    const page = (await call(`GET /jobs/${job.id}/tasks?limit=2`)).body;
    expect(page.tasks).toHaveLength(2);
    expect(await ids(`?limit=2&cursor=${page.cursor}`)).toEqual([done.id]);
  });

  test('one task shows its slice, its decision and its bad rows', async () => {
    const lane = laneOf(job.id);
    await run(tables, job.id, { lanes: [lane] });
    const task = await plan(tables, lane);
    await finish(tables, task, { now: clock.now() });

    const { status, body } = await call(`GET /jobs/${job.name}/tasks/${task.id}`);

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
        label: `rl_${job.id}_${task.id}_1`,
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
    expect(await call(`GET /jobs/${job.id}/tasks/${task}`)).toMatchObject({
      status: 404,
      body: { code: 'TASK_NOT_FOUND' },
    });
  });

  test('an id that is longer than any key can be is of no task either', async () => {
    const task = `/jobs/${job.id}/tasks/${'a'.repeat(2_000)}`;
    const notFound = { status: 404, body: { code: 'TASK_NOT_FOUND' } };

    expect(await call(`GET ${task}`)).toMatchObject(notFound);
    const resolving = call(`POST ${task}/resolve`, { body: { outcome: 'committed' } });
    expect(await resolving).toMatchObject(notFound);
  });

  test("another job's task is not found", async () => {
    const lane = laneOf(job.id);
    await run(tables, job.id, { lanes: [lane] });
    const task = await plan(tables, lane);
    const other = (await call('POST /jobs', { body: smallSpec(`other-of-${job.name}`) })).body.id;

    expect((await call(`GET /jobs/${other}/tasks/${task.id}`)).status).toBe(404);
    expect((await call(`GET /jobs/${other}/tasks`)).body.tasks).toEqual([]);
  });
});

describe('errors', () => {
  test('tasks with bad rows or an error are shown, and no others', async () => {
    const lanes = [0, 1, 2].map((index) => laneOf(job.id, { index }));
    await run(tables, job.id, { lanes });
    const [clean, dirty, failed] = await Promise.all(lanes.map((lane) => plan(tables, lane)));
    await finish(tables, clean!, { now: clock.now(), statistics: { badRows: [] } });
    await finish(tables, dirty!, { now: clock.now() });
    const claimed = await claimTask(tables, failed!, { owner: 'loader-1', leaseUntil: 1 });
    const error = { code: 'SINK_THROTTLED', message: 'slow down', at: 3_000, attempt: 1 } as const;
    await releaseTask(tables, claimed!, { error, notBefore: 1 });

    const { body } = await call(`GET /jobs/${job.id}/errors`);

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
