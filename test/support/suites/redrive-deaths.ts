import { expect, it } from 'vitest';
import { runChain } from '../../../functions/loader/run-chain.ts';
import type { Product } from '../product.ts';
import { TurningPoints } from '../turning-points.ts';

const MINUTE_MS = 60_000;

interface Redriven {
  readonly product: () => Product;
  /** What befalls the loader. Which way is the sooner found is a matter of luck: kinds of jobs may share them. */
  readonly ways: readonly ('dies' | 'stands still')[];
  /** Things that the loader of such a task changes outside of itself, before and after each. */
  readonly points: number;
  /** Asks for the redrive of a new job with bad rows, and gives the job. */
  asked(): Promise<string>;
  /** That each good row is there once, and what cannot be loaded still waits. */
  expectExact(id: string): Promise<void>;
}

/** A redrive whose loader dies at any point, or stands still there until another has done its work. */
export function describeRedriveDeaths({
  product,
  ways,
  points: count,
  asked,
  expectExact,
}: Redriven) {
  async function waiting(): Promise<{ id: string; taskId: string }> {
    const id = await asked();
    await product().cycle();
    const task = (await product().tasks(id)).find(({ status }) => status === 'PENDING');
    return { id, taskId: task!.id };
  }

  const start = (points: TurningPoints, task: { id: string; taskId: string }) => {
    const { loader, clock } = product();
    const deps = {
      ...loader,
      tables: points.around(loader.tables),
      sinkOf: async (job: Parameters<typeof loader.sinkOf>[0]) =>
        points.aroundSink(await loader.sinkOf(job)),
    };
    return runChain(deps, { jobId: task.id, taskId: task.taskId }, clock.now() + 10 * MINUTE_MS);
  };

  async function othersFinish(id: string): Promise<void> {
    product().clock.forward(2 * MINUTE_MS);
    await product().settle(id);
  }

  async function expectLoadedOnce(id: string): Promise<void> {
    await othersFinish(id);
    await expectExact(id);
  }

  it('passes as many points as the tests below go through', async () => {
    const points = new TurningPoints();
    const task = await waiting();
    await start(points, task);
    expect(points.passed).toHaveLength(count);
    await expectLoadedOnce(task.id);
  });

  const pointsOf = (way: Redriven['ways'][number]) =>
    Array.from({ length: ways.includes(way) ? count : 0 }, (_, at) => at);

  it.each(pointsOf('dies'))('may die at point %i: each row is loaded once', async (at) => {
    const task = await waiting();
    const points = new TurningPoints({ at, what: 'dies' });
    await start(points, task).catch(() => undefined);
    expect(points.passed).toHaveLength(at + 1);
    await expectLoadedOnce(task.id);
  });

  it.each(pointsOf('stands still'))(
    'may stand still at point %i until another has done its work: each row is loaded once',
    async (at) => {
      const task = await waiting();
      const sleep = Promise.withResolvers<void>();
      const points = new TurningPoints({ at, what: sleep.promise });
      const zombie = start(points, task);
      await points.reached;
      await othersFinish(task.id);
      sleep.resolve();
      await zombie;
      await expectLoadedOnce(task.id);
    },
  );
}
