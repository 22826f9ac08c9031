import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { apply } from '../../functions/scheduler/apply.ts';
import { runCycle } from '../../functions/scheduler/cycle.ts';
import type { Jump } from '../../functions/scheduler/observed.ts';
import { newId } from '../../functions/shared/new-id.ts';
import { listHistory } from '../../functions/shared/store/jobs.ts';
import { readLanes } from '../../functions/shared/store/lanes.ts';
import type { Tables } from '../../functions/shared/store/tables.ts';
import { apiOver } from '../support/api-calls.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { freshTables, type Product, startProduct } from '../support/product.ts';
import { TurningPoints } from '../support/turning-points.ts';

/** Cycles that meet or die, users who change jobs in between, and jobs of very many partitions: on real parts. */

const brokers = inject('kafkaBrokers');
const PARTITIONS = 3;
const ROWS = 60;
let tables: Tables;
let product: Product;
let topic: string;

beforeEach(async () => {
  tables = await freshTables(inject('dynamodbEndpoint'));
  product = await startProduct(tables);
  topic = await createTopic(brokers, { partitions: PARTITIONS });
  await produce(brokers, topic, {
    records: Array.from({ length: ROWS }, (_, n) => ({
      partition: n % PARTITIONS,
      value: JSON.stringify({ n }),
    })),
  });
});
afterEach(() => product.close());

const specOf = (more: object = {}) => ({
  name: 'flights',
  source: { kafka: { brokers, topic, startOffsets: 'earliest' as const } },
  destination: { file: { table: 'flights' } },
  desiredConcurrency: PARTITIONS,
  ...more,
});

/** The numbers of all rows of the table, sorted. */
const numbers = async () =>
  (await product.lines('flights').catch(() => []))
    .map((line) => JSON.parse(line).n)
    .sort((a, b) => a - b);

/** Before and after each write: a generation claimed, its lanes, the flip, a slice for each lane. */
const POINTS = 2 * (1 + PARTITIONS + 1 + PARTITIONS);

const ALL = Array.from({ length: ROWS }, (_, n) => n);

/** A cycle whose process has these points. */
function cyclePast(points: TurningPoints) {
  const { scheduler, clock } = product;
  const deps = { ...scheduler, tables: points.around(tables) };
  return runCycle(deps, clock.now() + 60_000).catch(() => undefined);
}

describe('F5: cycles', () => {
  it('at once, as many as there are, make one division and one task for each lane', async () => {
    const { id } = await product.createJob(specOf());
    await Promise.all([product.cycle(), product.cycle(), product.cycle()]);
    await Promise.all([product.cycle(), product.cycle()]);

    const { state, generation } = await product.job(id);
    expect(state).toBe('RUNNING');
    const tasks = await product.tasks(id);
    expect(tasks.map(({ lane }) => lane).sort()).toEqual([0, 1, 2]);
    expect(new Set(tasks.map((task) => task.generation))).toEqual(new Set([generation]));
    await product.settle(id);
    expect(await numbers()).toEqual(ALL);
    const lanes = await readLanes(tables, id);
    expect(new Set(lanes.map((lane) => lane.generation))).toEqual(new Set([generation]));
  });

  it('that die at any point are made up for by the next', async () => {
    const whole = new TurningPoints();
    const { id } = await product.createJob(specOf());
    await cyclePast(whole);
    await product.settle(id);
    await apiOver(tables).call(`POST /jobs/${id}/stop`);
    await product.settle(id);
    expect(whole.passed).toHaveLength(POINTS);

    for (let at = 0; at < POINTS; at += 1) {
      const name = `flights-${at}`;
      const job = await product.createJob({
        ...specOf({ name }),
        destination: { file: { table: name } },
      });
      const points = new TurningPoints({ at, what: 'dies' });
      await cyclePast(points);
      expect(points.passed).toHaveLength(at + 1);
      await product.settle(job.id);

      expect(await product.lines(name)).toHaveLength(ROWS);
      const { generation } = await product.job(job.id);
      const lanes = await readLanes(tables, job.id);
      expect(new Set(lanes.map((lane) => lane.generation))).toEqual(new Set([generation]));
      await apiOver(tables).call(`POST /jobs/${job.id}/stop`);
    }
  });

  it('that stand still half way and go on behind another change nothing', async () => {
    const { id } = await product.createJob(specOf());
    const sleep = Promise.withResolvers<void>();
    const points = new TurningPoints({ at: POINTS / 2, what: sleep.promise });
    const late = cyclePast(points);
    await points.reached;
    await product.settle(id);
    sleep.resolve();
    await late;

    await product.settle(id);
    expect(await numbers()).toEqual(ALL);
  });
});

describe('F13: a user', () => {
  it.each(['pause', 'stop'])(
    'who says %s while slices run: they finish, no other begins',
    async (wish) => {
      const { call } = apiOver(tables);
      const { id } = await product.createJob(specOf({ batch: { maxRows: 15 } }));
      await product.cycle();
      await Promise.all([product.load(id), call(`POST /jobs/${id}/${wish}`)]);
      await product.settle(id);
      const before = await numbers();
      expect(new Set(before).size).toBe(before.length);

      const tasks = await product.tasks(id);
      expect(new Set(tasks.map(({ status }) => status))).not.toContain('PENDING');
      const loaded = tasks.filter(({ status }) => status === 'DONE').length;
      expect((await product.lanes(id)).reduce((sum, lane) => sum + lane.tasks, 0)).toBe(loaded);
      if (wish === 'stop') return;
      await call(`POST /jobs/${id}/resume`);
      await product.settle(id);
      expect(await numbers()).toEqual(ALL);
    },
  );

  it('who pauses, alters and resumes at every turn loses nothing', async () => {
    const { call } = apiOver(tables, { clock: product.clock });
    const { id } = await product.createJob(specOf({ batch: { maxRows: 6 } }));
    for (const desiredConcurrency of [1, 3, 2, 3, 1]) {
      await product.cycle();
      await Promise.all([product.load(id), call(`POST /jobs/${id}/pause`)]);
      await product.cycle();
      const altered = await call(`PATCH /jobs/${id}`, { body: { desiredConcurrency } });
      expect(altered.status).toBe(200);
      await call(`POST /jobs/${id}/resume`);
    }
    await product.settle(id);

    expect(await numbers()).toEqual(ALL);
    expect((await call(`GET /jobs/${id}/verify`)).body.complete).toBe(true);
  });

  it('who stops a job and makes one of the same name, while its last slices run, has two exact jobs', async () => {
    const { call } = apiOver(tables);
    const first = await product.createJob(specOf());
    await product.cycle();
    const sleep = Promise.withResolvers<void>();
    const points = new TurningPoints({ at: 1, what: sleep.promise });
    const running = product.load(first.id, { tables: points.around(tables) });
    await points.reached;
    expect((await call(`POST /jobs/${first.id}/stop`)).body.tasksInFlight).not.toBe(0);
    const second = await product.createJob(specOf());
    sleep.resolve();
    await running;
    await product.settle(second.id);

    const done = (await product.tasks(first.id)).filter(({ status }) => status === 'DONE');
    const rows = done.length * (ROWS / PARTITIONS);
    expect((await numbers()).length).toBe(ROWS + rows);
    for (const { id } of [first, second]) {
      expect((await call(`GET /jobs/${id}/verify`)).body.complete).toBe(true);
    }
    expect((await call('GET /jobs/flights')).body.id).toBe(second.id);
  });
});

describe('F14: ten thousand partitions', () => {
  it('that jump at once are all in the history, and the job runs', async () => {
    const { id } = await product.createJob(specOf());
    const jumps = Array.from(
      { length: 10_000 },
      (_, partition): Jump => ({
        partition,
        from: '9223372036854775806',
        to: '9223372036854775807',
        by: 'policy',
      }),
    );
    const lanes = [0, 1, 2, 3].map((lane) => {
      const mine = jumps.filter(({ partition }) => partition % 4 === lane);
      const next = new Map(mine.map(({ partition, to }) => [partition, BigInt(to)]));
      return { next, kept: new Map(), ends: next };
    });
    const job = await product.job(id);
    const { totals } = job;
    const deps = { tables, clock: product.clock, newId, retentionDays: 7 };
    const action = { kind: 'divide', lanes, topicId: 't', totals, detail: {}, jumps } as const;
    expect(await apply(deps, job, action)).toMatchObject({ state: 'RUNNING' });

    const written: unknown[] = [];
    let cursor: string | undefined;
    do {
      const page = await listHistory(tables, id, { limit: 5, cursor });
      for (const { detail } of page.entries) written.push(...((detail?.jumps as []) ?? []));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(written).toHaveLength(10_000);
    expect(written).toEqual(expect.arrayContaining([jumps[0], jumps[9_999]]));
    expect((await product.lanes(id)).map((lane) => lane.start.size)).toEqual(Array(4).fill(2_500));
  });
});
