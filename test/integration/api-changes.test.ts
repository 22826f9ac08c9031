import { describe, expect, test } from 'vitest';
import { readJob } from '../../functions/shared/store/jobs.ts';
import type { Tables } from '../../functions/shared/store/tables.ts';
import { claimTask, markInDoubt } from '../../functions/shared/store/tasks.ts';
import { apiOver, smallSpec } from '../support/api-calls.ts';
import { jobForEachTest } from '../support/job-for-each-test.ts';
import { bringTo, laneOf, plan, run } from '../support/job-states.ts';

const { clock, tables, call, job } = await jobForEachTest();

async function history(): Promise<string[]> {
  const { body } = await call(`GET /jobs/${job.id}/history`);
  return body.entries.map(({ reason }: { reason: { code: string } }) => reason.code);
}

const bring = {
  NEED_SCHEDULE: async () => {},
  RUNNING: async () => {
    await run(tables, job.id);
  },
  PAUSED: async () => {
    await bringTo(tables, job.id, { to: 'PAUSED', code: 'TOO_MANY_BAD_ROWS' });
  },
  STOPPED: async () => {
    await bringTo(tables, job.id, { to: 'STOPPED', code: 'STOPPED_BY_USER' });
  },
  CANCELLED: async () => {
    await bringTo(tables, job.id, { to: 'CANCELLED', code: 'TOPIC_NOT_FOUND' });
  },
  COMPLETED: async () => {
    await run(tables, job.id);
    await bringTo(tables, job.id, { to: 'COMPLETED', code: 'ALL_LOADED' });
  },
} as const;
type From = keyof typeof bring;

describe('every change from every state', () => {
  test.each<[string, From, string, string]>([
    ['pause', 'NEED_SCHEDULE', 'PAUSED', 'PAUSED_BY_USER'],
    ['pause', 'RUNNING', 'PAUSED', 'PAUSED_BY_USER'],
    ['resume', 'PAUSED', 'NEED_SCHEDULE', 'RESUMED_BY_USER'],
    ['stop', 'NEED_SCHEDULE', 'STOPPED', 'STOPPED_BY_USER'],
    ['stop', 'RUNNING', 'STOPPED', 'STOPPED_BY_USER'],
    ['stop', 'PAUSED', 'STOPPED', 'STOPPED_BY_USER'],
  ])(
    '%s makes a %s job %s, with a reason and an entry in its history',
    async (verb, from, to, code) => {
      await bring[from]();
      const before = await history();

      const { status, body } = await call(`POST /jobs/${job.id}/${verb}`);

      expect(status).toBe(200);
      expect(body).toEqual({
        id: job.id,
        name: job.name,
        state: to,
        reason: { code, message: expect.any(String), at: '2026-03-01T12:00:00.000Z' },
        tasksInFlight: 0,
      });
      expect(await history()).toEqual([code, ...before]);
    },
  );

  test.each<[string, From]>([
    ['pause', 'PAUSED'],
    ['resume', 'NEED_SCHEDULE'],
    ['resume', 'RUNNING'],
    ['stop', 'STOPPED'],
  ])('%s of a job that is %s already changes nothing', async (verb, from) => {
    await bring[from]();
    const before = await readJob(tables, job.id);

    const { status, body } = await call(`POST /jobs/${job.id}/${verb}`);

    expect([status, body.state]).toEqual([200, from]);
    expect(await readJob(tables, job.id)).toEqual(before);
  });

  test.each<[string, From]>([
    ['pause', 'STOPPED'],
    ['pause', 'CANCELLED'],
    ['pause', 'COMPLETED'],
    ['resume', 'STOPPED'],
    ['resume', 'CANCELLED'],
    ['resume', 'COMPLETED'],
    ['stop', 'CANCELLED'],
    ['stop', 'COMPLETED'],
  ])('%s of a %s job is refused by name', async (verb, from) => {
    await bring[from]();
    const before = await readJob(tables, job.id);

    const { status, body } = await call(`POST /jobs/${job.id}/${verb}`);

    expect([status, body.code]).toEqual([409, 'ILLEGAL_STATE_CHANGE']);
    expect(body.detail).toContain(`${from} is final`);
    expect(await readJob(tables, job.id)).toEqual(before);
  });
});

describe('pausing what is paused', () => {
  test('a job that would resume by itself stays paused when the user says so', async () => {
    await bringTo(tables, job.id, { to: 'PAUSED', code: 'BROKER_UNREACHABLE', now: clock.now() });
    expect((await call(`GET /jobs/${job.id}`)).body.nextResumeAt).toBe('2026-03-01T12:00:00.000Z');

    const { body } = await call(`POST /jobs/${job.id}/pause`);

    expect(body.reason).toMatchObject({ code: 'PAUSED_BY_USER' });
    expect(body.reason.message).toContain('BROKER_UNREACHABLE: brought to PAUSED');
    expect((await call(`GET /jobs/${job.id}`)).body.nextResumeAt).toBeUndefined();
    expect((await readJob(tables, job.id))?.resume).toBeUndefined();
    expect((await history())[0]).toBe('PAUSED_BY_USER');
  });

  test('a job that waits for a person keeps the reason that says why', async () => {
    await bring.PAUSED();

    const { body } = await call(`POST /jobs/${job.id}/pause`);

    expect(body.reason.code).toBe('TOO_MANY_BAD_ROWS');
  });
});

describe('tasks in flight', () => {
  test('pause and stop say how many there still are, in doubt ones apart', async () => {
    const lanes = [0, 1, 2].map((index) => laneOf(job.id, { index }));
    await run(tables, job.id, { lanes });
    const [pending, running, doubtful] = await Promise.all(lanes.map((lane) => plan(tables, lane)));
    const claim = { owner: 'loader-1', leaseUntil: 3_000 };
    await claimTask(tables, running!, claim);
    const claimed = await claimTask(tables, doubtful!, claim);
    const error = { code: 'COMMIT_IN_DOUBT', message: 'look', at: 3_000, attempt: 1 } as const;
    await markInDoubt(tables, claimed!, error);

    expect((await call(`POST /jobs/${job.id}/pause`)).body.tasksInFlight).toBe(2);
    const shown = (await call(`GET /jobs/${job.id}`)).body;
    expect(
      shown.tasks.map(({ id: task, status }: { id: string; status: string }) => [task, status]),
    ).toEqual([
      [pending!.id, 'PENDING'],
      [running!.id, 'RUNNING'],
      [doubtful!.id, 'IN_DOUBT'],
    ]);
    expect((await call(`POST /jobs/${job.id}/stop`)).body.tasksInFlight).toBe(2);
  });

  test('a task of an earlier generation counts until it is done', async () => {
    const lane = laneOf(job.id);
    await run(tables, job.id, { lanes: [lane] });
    await plan(tables, lane);
    await bringTo(tables, job.id, {
      to: 'NEED_SCHEDULE',
      code: 'PARTITIONS_CHANGED',
      generation: 2,
    });

    expect((await call(`POST /jobs/${job.id}/pause`)).body.tasksInFlight).toBe(1);
  });
});

describe('F13: races', () => {
  test('of many pauses at once all succeed and one is written down', async () => {
    await bring.RUNNING();

    const replies = await Promise.all(
      Array.from({ length: 6 }, () => call(`POST /jobs/${job.id}/pause`)),
    );

    expect(replies.map(({ status, body }) => [status, body.state])).toEqual(
      Array(6).fill([200, 'PAUSED']),
    );
    expect((await history()).filter((code) => code === 'PAUSED_BY_USER')).toHaveLength(1);
  });

  test('pause against stop: the job ends stopped, and the pause was first or is refused', async () => {
    for (let round = 0; round < 5; round += 1) {
      const made = await call('POST /jobs', { body: smallSpec(`race-${round}`) });
      job.id = made.body.id;
      await bring.RUNNING();

      const [pause, stop] = await Promise.all([
        call(`POST /jobs/${job.id}/pause`),
        call(`POST /jobs/${job.id}/stop`),
      ]);

      expect(stop.status).toBe(200);
      expect((await call(`GET /jobs/${job.id}`)).body.state).toBe('STOPPED');
      const told = (await history()).slice(0, 2);
      if (pause.status === 200) expect(told).toEqual(['STOPPED_BY_USER', 'PAUSED_BY_USER']);
      else
        expect([pause.status, pause.body.code, told[0]]).toEqual([
          409,
          'ILLEGAL_STATE_CHANGE',
          'STOPPED_BY_USER',
        ]);
    }
  });

  test('a change that meets a faster one is judged anew on what that one left', async () => {
    await bring.RUNNING();
    let meddled = false;
    const contested: Tables = {
      ...tables,
      transact: async (writes, token) => {
        if (!meddled) {
          meddled = true;
          await bringTo(tables, job.id, { to: 'COMPLETED', code: 'ALL_LOADED' });
        }
        return tables.transact(writes, token);
      },
    };

    const { status, body } = await apiOver(contested).call(`POST /jobs/${job.id}/pause`);

    expect([status, body.code]).toEqual([409, 'ILLEGAL_STATE_CHANGE']);
    expect(body.detail).toContain('COMPLETED is final');
  });

  test('who loses again and again is told so after a bounded number of tries', async () => {
    await bring.RUNNING();
    const busy: Tables = {
      ...tables,
      transact: async () => ({ applied: false, failed: new Set([0]) }),
    };

    const { status, body } = await apiOver(busy).call(`POST /jobs/${job.id}/pause`);

    expect([status, body.code]).toEqual([409, 'CHANGED_MEANWHILE']);
  });
});
