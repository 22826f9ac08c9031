import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { LoaderDeps } from '../../functions/loader/loader-deps.ts';
import { runChain } from '../../functions/loader/run-chain.ts';
import type { Clock } from '../../functions/shared/clock.ts';
import { LoadFailure } from '../../functions/shared/domain/failure.ts';
import { isFinal } from '../../functions/shared/domain/job-state.ts';
import type { Tables } from '../../functions/shared/store/tables.ts';
import { bringTo } from '../support/job-states.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { freshTables, type Product, startProduct } from '../support/product.ts';
import { TurningPoints } from '../support/turning-points.ts';

/** Loaders that die, hang, wake up again, are started twice or late, or have other clocks: on real parts. */

const brokers = inject('kafkaBrokers');
const ROWS = 1_500;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
let product: Product;
let topic: string;
let count = 0;
const jobs: string[] = [];

beforeAll(async () => {
  product = await startProduct(await freshTables(inject('dynamodbEndpoint')));
  topic = await createTopic(brokers);
  // More than a chunk of 1 MiB, so that the sink is written to while records still come.
  for (let from = 0; from < ROWS; from += ROWS / 3) {
    await produce(brokers, topic, { records: records(from, from + ROWS / 3) });
  }
});
// Cycles visit every job that runs.
afterEach(async () => {
  for (const id of jobs.splice(0)) {
    if (isFinal((await product.job(id)).state)) continue;
    await bringTo(product.tables, id, { to: 'STOPPED', code: 'STOPPED_BY_USER' });
    await product.cycle();
  }
});
afterAll(() => product.close());

function records(from: number, to: number) {
  return Array.from({ length: to - from }, (_, i) => ({
    value: JSON.stringify({ n: from + i, text: 'x'.repeat(1_000) }),
  }));
}

/** A job of its own, with one task that waits to be claimed. */
async function plannedJob() {
  count += 1;
  const name = `job-${count}`;
  const { id } = await product.createJob({
    name,
    source: { kafka: { brokers, topic, startOffsets: 'earliest' } },
    destination: { file: { table: name, metadata: ['_partition', '_offset'] } },
  });
  jobs.push(id);
  await product.cycle();
  const [task] = await product.tasks(id);
  return { id, name, taskId: task!.id };
}

/** The real loader, whose way is to be watched. */
function loaderPast(points: TurningPoints): LoaderDeps {
  const { loader } = product;
  return {
    ...loader,
    tables: points.around(loader.tables),
    sinkOf: async (job) => points.aroundSink(await loader.sinkOf(job)),
  };
}

const start = (deps: LoaderDeps, { id, taskId }: { id: string; taskId: string }) =>
  runChain(deps, { jobId: id, taskId }, product.clock.now() + 10 * MINUTE_MS);

/** The lease has run out: the task is offered again, and loaded by others. */
async function othersTakeOver(id: string): Promise<void> {
  product.clock.forward(2 * MINUTE_MS);
  await product.settle(id);
}

/** Every offset is in the table once, the lane says so, and nothing else is left. */
async function expectExact({ id, name }: { id: string; name: string }): Promise<void> {
  const offsets = (await product.lines(name)).map((line) => JSON.parse(line)._offset);
  expect(offsets.sort((a, b) => a - b)).toEqual(Array.from({ length: ROWS }, (_, i) => i));
  const [lane] = await product.lanes(id);
  expect([lane?.next.get(0), lane?.rows, lane?.taskId]).toEqual([BigInt(ROWS), ROWS, undefined]);
  expect(await staged(name)).toEqual([]);
}

const staged = (name: string) => readdir(join(product.directory, name, '_staging'));

/** The points of an attempt at which nothing goes wrong. */
async function allPoints(): Promise<string[]> {
  const points = new TurningPoints();
  const job = await plannedJob();
  await start(loaderPast(points), job);
  return points.passed;
}

describe('F1: a loader that dies', () => {
  it('passes these points', async () => {
    expect(await allPoints()).toEqual([
      'before write to tasks', // claim
      'after write to tasks',
      'before open',
      'after open',
      'before chunk',
      'after chunk',
      'before chunk',
      'after chunk',
      'before prepare',
      'after prepare',
      'before write to tasks', // decision
      'after write to tasks',
      'before commit',
      'after commit',
      'before transaction of 2', // advance
      'after transaction of 2',
    ]);
  });

  it.each(Array.from({ length: 16 }, (_, at) => at))(
    'at point %i: its slice is loaded exactly once, and nothing is left of it',
    async (at) => {
      const job = await plannedJob();
      const points = new TurningPoints({ at, what: 'dies' });
      await start(loaderPast(points), job).catch(() => undefined);
      expect(points.passed).toHaveLength(at + 1);

      await othersTakeOver(job.id);
      await expectExact(job);
    },
  );
});

describe('F1: a loader that dies behind a job that is stopped', () => {
  it('leaves nothing in the sink: another one removes it, though it loads nothing', async () => {
    const job = await plannedJob();
    const afterPrepare = (await allPoints()).indexOf('after prepare');
    const points = new TurningPoints({ at: afterPrepare, what: 'dies' });
    await start(loaderPast(points), job).catch(() => undefined);
    expect(await staged(job.name)).toHaveLength(1);
    await bringTo(product.tables, job.id, { to: 'STOPPED', code: 'STOPPED_BY_USER' });

    await othersTakeOver(job.id);
    expect(await staged(job.name)).toEqual([]);
    expect(await product.lines(job.name)).toEqual([]);
    expect((await product.tasks(job.id))[0]?.status).toBe('CANCELLED');
    expect((await product.job(job.id)).dueAt).toBeUndefined();
  });
});

describe('a loader whose decision the store refuses', () => {
  it('removes what it has prepared, since its job may never load again', async () => {
    const job = await plannedJob();
    const { loader } = product;
    const refusing: Tables = {
      ...loader.tables,
      write: async (write) => {
        if (write.kind !== 'update' || write.set?.decision === undefined) {
          return loader.tables.write(write);
        }
        throw new LoadFailure('STORE_UNAVAILABLE', 'throttled');
      },
    };
    expect((await start({ ...loader, tables: refusing }, job)).end).toBe('given-back');
    expect(await staged(job.name)).toEqual([]);

    await othersTakeOver(job.id);
    await expectExact(job);
  });
});

describe('F9: a loader that stands still for longer than its lease and wakes up', () => {
  it.each(Array.from({ length: 16 }, (_, at) => at))(
    'at point %i: whatever it still does changes nothing',
    async (at) => {
      const job = await plannedJob();
      const sleep = Promise.withResolvers<void>();
      const points = new TurningPoints({ at, what: sleep.promise });
      const zombie = start(loaderPast(points), job);
      await points.reached;
      await othersTakeOver(job.id);
      sleep.resolve();
      await zombie;

      await product.settle(job.id);
      await expectExact(job);
    },
  );
});

describe('F11: a loader whose time is up', () => {
  it('while it prepares, and whose frozen work goes on when its sandbox is thawed, is fenced', async () => {
    const job = await plannedJob();
    const thaw = Promise.withResolvers<void>();
    const beforePrepare = (await allPoints()).indexOf('before prepare');
    const points = new TurningPoints({ at: beforePrepare, what: thaw.promise });
    const frozen = start(loaderPast(points), job);
    await points.reached;
    product.clock.forward(15 * MINUTE_MS);
    await othersTakeOver(job.id);
    thaw.resolve();

    expect((await frozen).end).toBe('lost');
    await expectExact(job);
  });

  it('before it could read anything gives its task back, and does not commit an empty slice', async () => {
    const job = await plannedJob();
    const late = product.clock.now() + product.loader.settings.deadlineMarginMs;
    await runChain(product.loader, { jobId: job.id, taskId: job.taskId }, late);
    const [task] = await product.tasks(job.id);
    expect(task).toMatchObject({ status: 'PENDING', failures: 1, error: { code: 'OUT_OF_TIME' } });

    await othersTakeOver(job.id);
    await expectExact(job);
  });
});

describe('F2, F12: an invocation', () => {
  it('that comes twice at the same time loads once', async () => {
    const job = await plannedJob();
    const reports = await Promise.all([start(product.loader, job), start(product.loader, job)]);

    expect(reports.map(({ end }) => end).sort()).toEqual(['done', 'nothing-to-claim']);
    await expectExact(job);
  });

  it.each([
    ['6 hours', 6 * HOUR_MS],
    ['20 hours', 20 * HOUR_MS],
  ])('that comes again after %s finds nothing to do', async (_, later) => {
    const job = await plannedJob();
    await start(product.loader, job);
    product.clock.forward(later);

    expect(await start(product.loader, job)).toEqual({ tasks: 0, end: 'nothing-to-claim' });
    await expectExact(job);
  });

  it('that comes for a job that was paused meanwhile, hours late, loads nothing and frees the lane', async () => {
    const job = await plannedJob();
    product.clock.forward(6 * HOUR_MS);
    await bringTo(product.tables, job.id, { to: 'PAUSED', code: 'PAUSED_BY_USER' });

    expect((await start(product.loader, job)).end).toBe('cancelled');
    expect((await product.lanes(job.id))[0]).toMatchObject({ rows: 0, tasks: 0 });
    expect((await product.tasks(job.id))[0]?.status).toBe('CANCELLED');
  });

  it('F3: that never comes is made up for by the next cycles', async () => {
    const job = await plannedJob();
    const offers = async () => (await product.tasks(job.id))[0]?.offers;
    expect(await offers()).toBe(1);
    product.clock.forward(3 * MINUTE_MS);
    await product.cycle();

    expect(await offers()).toBe(2);
    await product.settle(job.id);
    await expectExact(job);
  });
});

describe('F10: a loader whose clock', () => {
  const clocks: [string, (now: number, calls: number) => number][] = [
    ['is five minutes slow', (now) => now - 5 * MINUTE_MS],
    ['is five minutes fast', (now) => now + 5 * MINUTE_MS],
    ['jumps back by five minutes at every look', (now, calls) => now - 5 * MINUTE_MS * (calls % 2)],
  ];

  it.each(clocks)('%s loads exactly once, beside one whose clock is right', async (_, skew) => {
    const job = await plannedJob();
    let calls = 0;
    const clock: Clock = {
      sleep: product.clock.sleep,
      now: () => {
        calls += 1;
        return skew(product.clock.now(), calls);
      },
    };
    const sleep = Promise.withResolvers<void>();
    const points = new TurningPoints({ at: 11, what: sleep.promise });
    const skewed = start({ ...loaderPast(points), clock }, job);
    await points.reached;
    // By the scheduler's clock its lease is over at once, or for a while not yet.
    await product.cycle();
    await product.load(job.id);
    sleep.resolve();
    await skewed;

    await othersTakeOver(job.id);
    product.clock.forward(10 * MINUTE_MS);
    await product.settle(job.id);
    await expectExact(job);
  });
});
