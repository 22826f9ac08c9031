import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import type { LoaderDeps } from '../../functions/loader/loader-deps.ts';
import type { CommitOutcome, Sink } from '../../functions/loader/sinks/sink.ts';
import { newId } from '../../functions/shared/new-id.ts';
import { type Outcome, resolveDoubt } from '../../functions/shared/store/resolve.ts';
import type { Tables } from '../../functions/shared/store/tables.ts';
import { readTask } from '../../functions/shared/store/tasks.ts';
import { apiOver, type Call } from '../support/api-calls.ts';
import { faultsOfWrites, LOST_ANSWERS, makeFaultyTables } from '../support/faulty-tables.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { freshTables, type Product, startProduct } from '../support/product.ts';

/** A task whose commit cannot be confirmed: nothing goes on in its lane until a person has said what became of it. */

const brokers = inject('kafkaBrokers');
let tables: Tables;
let product: Product;
let call: Call;
let topic: string;

beforeEach(async () => {
  tables = await freshTables(inject('dynamodbEndpoint'));
  product = await startProduct(tables);
  call = apiOver(tables, { clock: product.clock }).call;
});
afterEach(() => product.close());

const records = (count: number, begin = 0) =>
  Array.from({ length: count }, (_, i) => ({ value: JSON.stringify({ n: begin + i }) }));

/** A loader whose sink cannot say what became of a commit, which took place or did not. */
function forgetful(options: { readonly commits: boolean }): Partial<LoaderDeps> {
  const inDoubt: CommitOutcome = { kind: 'in-doubt', message: 'the label is forgotten' };
  return {
    sinkOf: async (job) => {
      const sink: Sink = await product.loader.sinkOf(job);
      return {
        ...sink,
        commit: async (handle) => {
          if (options.commits) await sink.commit(handle);
          return inDoubt;
        },
      };
    },
  };
}

/** A job of 10 records whose one task is in doubt. */
async function doubtful(options: { readonly commits: boolean }) {
  topic = await createTopic(brokers);
  await produce(brokers, topic, { records: records(10) });
  const { id } = await product.createJob({
    name: 'flights',
    source: { kafka: { brokers, topic, startOffsets: 'earliest' } },
    destination: { file: { table: 'flights' } },
  });
  await product.cycle();
  await product.load(id, forgetful(options));
  const [task] = await product.tasks(id);
  expect(task).toMatchObject({ status: 'IN_DOUBT' });
  return { id, taskId: task!.id };
}

const resolve = (id: string, taskId: string, outcome: unknown) =>
  call(`POST /jobs/${id}/tasks/${taskId}/resolve`, { body: { outcome } });

/** Resumes the job, gives it ten records more and tells the numbers in its table. */
async function goOn(id: string): Promise<number[]> {
  await call(`POST /jobs/${id}/resume`);
  await produce(brokers, topic, { records: records(10, 10) });
  await product.settle(id);
  return (await product.lines('flights')).map((line) => JSON.parse(line).n).sort((a, b) => a - b);
}

const TWENTY = Array.from({ length: 20 }, (_, n) => n);

describe('F17: a task whose sink has forgotten the commit', () => {
  test('pauses its job, which says so, and neither resume nor seek gets past it', async () => {
    const { id, taskId } = await doubtful({ commits: true });
    const shown = (await call(`GET /jobs/${id}`)).body;
    expect(shown).toMatchObject({
      state: 'PAUSED',
      reason: { code: 'COMMIT_IN_DOUBT', message: 'the label is forgotten' },
      tasksInFlight: 0,
      tasksInDoubt: 1,
      tasks: [{ id: taskId, status: 'IN_DOUBT' }],
    });

    await call(`POST /jobs/${id}/resume`);
    await product.settle(id);
    expect(await product.job(id)).toMatchObject({
      state: 'PAUSED',
      generation: 1,
      reason: { code: 'COMMIT_IN_DOUBT', message: expect.stringContaining(taskId) },
    });
    const sought = await call(`PATCH /jobs/${id}`, { body: { seek: 'latest' } });
    expect([sought.status, sought.body.code]).toEqual([409, 'TASKS_IN_DOUBT']);
    expect(sought.body.detail).toContain(taskId);
  });

  test('committed, says a person: the lane goes on behind its rows, each exactly once', async () => {
    const { id, taskId } = await doubtful({ commits: true });

    const { status, body } = await resolve(id, taskId, 'committed');
    expect([status, body.status]).toEqual([200, 'DONE']);
    const [lane] = await product.lanes(id);
    expect(lane).toMatchObject({ rows: 10, tasks: 1 });
    expect(lane?.taskId).toBeUndefined();
    expect(await goOn(id)).toEqual(TWENTY);
    expect((await call(`GET /jobs/${id}/verify`)).body).toMatchObject({
      complete: true,
      totals: { rows: 20 },
    });
    expect((await call(`GET /jobs/${id}`)).body.statistics).toMatchObject({ rows: 20, tasks: 2 });
  });

  test('not committed, says a person: its offsets are loaded by another task, and its leftovers go', async () => {
    const { id, taskId } = await doubtful({ commits: false });
    const before = (await product.lanes(id))[0]!;

    const { status, body } = await resolve(id, taskId, 'not-committed');
    expect([status, body.status]).toEqual([200, 'CANCELLED']);
    expect((await product.lanes(id))[0]).toEqual({
      ...before,
      taskId: undefined,
      revision: before.revision + 1,
    });
    expect(await goOn(id)).toEqual(TWENTY);
    expect((await call(`GET /jobs/${id}/verify`)).body.complete).toBe(true);
    const job = await product.job(id);
    const staged = await product.loader.sinkOf(job);
    expect(await staged.sweep!(id, async () => true)).toBe(0);
  });

  test('the history tells who is to be believed', async () => {
    const { id, taskId } = await doubtful({ commits: true });
    await resolve(id, taskId, 'committed');
    const { entries } = (await call(`GET /jobs/${id}/history`)).body;
    expect(entries[0]).toMatchObject({
      kind: 'task',
      reason: { code: 'RESOLVED_BY_USER', message: expect.stringContaining(taskId) },
      detail: { taskId, lane: 0, generation: 1, outcome: 'committed' },
    });
  });
});

describe('a resolution', () => {
  test('may be repeated, and of two that differ the first counts', async () => {
    const { id, taskId } = await doubtful({ commits: true });
    for (const _ of ['once', 'again']) {
      expect((await resolve(id, taskId, 'committed')).status).toBe(200);
    }
    const other = await resolve(id, taskId, 'not-committed');
    expect([other.status, other.body.code]).toEqual([409, 'TASK_NOT_IN_DOUBT']);
    expect((await call(`GET /jobs/${id}/history?limit=100`)).body.entries).toHaveLength(4);
  });

  test('F13: of two that differ at the same moment one counts', async () => {
    const { id, taskId } = await doubtful({ commits: true });
    const replies = await Promise.all([
      resolve(id, taskId, 'committed'),
      resolve(id, taskId, 'not-committed'),
    ]);

    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409]);
    const done = replies[0]!.status === 200;
    expect((await readTask(tables, id, taskId))?.status).toBe(done ? 'DONE' : 'CANCELLED');
    const [lane] = await product.lanes(id);
    expect([lane?.rows, lane?.taskId]).toEqual([done ? 10 : 0, undefined]);
  });

  test('F13: while the job is stopped, or divided anew, it still counts once', async () => {
    const { id, taskId } = await doubtful({ commits: true });
    const [resolved] = await Promise.all([
      resolve(id, taskId, 'committed'),
      call(`POST /jobs/${id}/resume`),
      product.cycle(),
    ]);
    expect(resolved.status).toBe(200);
    await call(`POST /jobs/${id}/resume`);
    await product.settle(id);
    await call(`POST /jobs/${id}/stop`);
    await product.settle(id);
    expect((await call(`GET /jobs/${id}/verify`)).body).toMatchObject({
      complete: true,
      totals: { rows: 10, tasks: 1 },
    });
  });

  test.each(LOST_ANSWERS)('F6: whose answer is lost (%s) is known to stand', async (fault) => {
    const { id, taskId } = await doubtful({ commits: true });
    const task = await readTask(tables, id, taskId);
    for (const outcome of ['committed', 'not-committed'] as const) {
      const faulty = makeFaultyTables(tables, faultsOfWrites(fault));
      const stands = await resolveDoubt(faulty, task!, resolutionOf(outcome));
      expect(stands).toBe(outcome === 'committed');
    }
    expect((await product.lanes(id))[0]).toMatchObject({ rows: 10, tasks: 1 });
  });

  test.each([
    ['of a task that is not in doubt', 'done', 409, 'TASK_NOT_IN_DOUBT'],
    ['of a task that is not there', newId(), 404, 'TASK_NOT_FOUND'],
  ])('%s is refused', async (_, which, status, code) => {
    const { id, taskId } = await doubtful({ commits: true });
    await resolve(id, taskId, 'committed');
    await goOn(id);
    const done = (await product.tasks(id)).at(-1)!;
    const reply = await resolve(id, which === 'done' ? done.id : which, 'committed');
    expect([reply.status, reply.body.code]).toEqual([status, code]);
  });

  test('must say what came of it', async () => {
    const { id, taskId } = await doubtful({ commits: true });
    for (const outcome of [undefined, 'maybe', true]) {
      const { status, body } = await resolve(id, taskId, outcome);
      expect([status, body.errors[0].pointer]).toEqual([400, '/outcome']);
    }
    expect((await readTask(tables, id, taskId))?.status).toBe('IN_DOUBT');
  });
});

function resolutionOf(outcome: Outcome) {
  const now = product.clock.now();
  const reason = { code: 'RESOLVED_BY_USER', message: 'looked', at: now } as const;
  const entry = { id: newId(), at: now, kind: 'task', reason } as const;
  return { outcome, entry, further: [], now, retentionDays: 7 };
}
