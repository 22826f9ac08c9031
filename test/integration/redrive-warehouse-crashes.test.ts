import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { runChain } from '../../functions/loader/run-chain.ts';
import { TurningPoints } from '../support/turning-points.ts';
import { ALL, type BadRowsIn, startBadRowsIn } from '../support/warehouse/bad-rows-in.ts';

/** Bad rows of destinations that keep none, read from the topic again: each once, whatever dies. */

const brokers = inject('kafkaBrokers');
const MINUTE_MS = 60_000;

describe.each(['doris', 'starrocks'] as const)(
  'F1, F9: the loader of a redrive into %s',
  (kind) => {
    let bad: BadRowsIn;
    beforeEach(async () => {
      bad = await startBadRowsIn(kind, { brokers, dynamodb: inject('dynamodbEndpoint') });
    });
    afterEach(() => bad.close());

    const POINTS = 14;

    async function asked(): Promise<{ id: string; taskId: string }> {
      const id = await bad.createJob();
      await bad.correct(id);
      await bad.call(`POST /jobs/${id}/redrive`);
      await bad.product.cycle();
      const task = (await bad.product.tasks(id)).find(({ status }) => status === 'PENDING');
      return { id, taskId: task!.id };
    }

    const start = (points: TurningPoints, { id, taskId }: { id: string; taskId: string }) => {
      const { loader } = bad.product;
      const deps = {
        ...loader,
        tables: points.around(loader.tables),
        sinkOf: async (job: Parameters<typeof loader.sinkOf>[0]) =>
          points.aroundSink(await loader.sinkOf(job)),
      };
      return runChain(deps, { jobId: id, taskId }, bad.product.clock.now() + 10 * MINUTE_MS);
    };

    async function expectExact(id: string): Promise<void> {
      bad.product.clock.forward(2 * MINUTE_MS);
      await bad.product.settle(id);
      expect(bad.loaded()).toEqual(ALL);
      expect((await bad.waiting(id)).rows).toBe(1);
    }

    it('passes as many points as the tests below go through', async () => {
      const points = new TurningPoints();
      const job = await asked();
      await start(points, job);
      expect(points.passed).toHaveLength(POINTS);
      await expectExact(job.id);
    });

    it.each(Array.from({ length: POINTS }, (_, at) => at))(
      'may die at point %i: each row is loaded once',
      async (at) => {
        const job = await asked();
        const points = new TurningPoints({ at, what: 'dies' });
        await start(points, job).catch(() => undefined);
        expect(points.passed).toHaveLength(at + 1);
        await expectExact(job.id);
      },
    );

    it.each(Array.from({ length: POINTS }, (_, at) => at))(
      'may stand still at point %i until another has done its work: each row is loaded once',
      async (at) => {
        const job = await asked();
        const sleep = Promise.withResolvers<void>();
        const points = new TurningPoints({ at, what: sleep.promise });
        const zombie = start(points, job);
        await points.reached;
        bad.product.clock.forward(2 * MINUTE_MS);
        await bad.product.settle(job.id);
        sleep.resolve();
        await zombie;
        await expectExact(job.id);
      },
    );
  },
);
