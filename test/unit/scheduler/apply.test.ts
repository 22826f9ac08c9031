import { describe, expect, it } from 'vitest';
import { apply } from '../../../functions/scheduler/apply.ts';
import { LoadFailure } from '../../../functions/shared/domain/failure.ts';
import { insertJob, readJob } from '../../../functions/shared/store/jobs.ts';
import type { Tables } from '../../../functions/shared/store/tables.ts';
import { makeMemoryTables } from '../../support/memory-tables.ts';
import { exampleJob, NOW, newId } from '../../support/store-examples.ts';

/** Refuses the write of the second lane at once; those of the others take a while. */
function refusingTheSecondLane(tables: Tables): { tables: Tables; underWay: () => number } {
  let underWay = 0;
  return {
    underWay: () => underWay,
    tables: {
      ...tables,
      async write(write) {
        if (write.key.sk.endsWith('#0001')) {
          throw new LoadFailure('STORE_UNAVAILABLE', 'the store refused a request: throttled');
        }
        underWay += 1;
        await new Promise((resolve) => setImmediate(resolve));
        const outcome = await tables.write(write);
        underWay -= 1;
        return outcome;
      },
    },
  };
}

const lane = (partition: number) => ({
  next: new Map([[partition, 0n]]),
  kept: new Map(),
  ends: new Map([[partition, 5n]]),
});

describe('a division of which one write fails', () => {
  it('fails only when no write of its other lanes is under way any more', async () => {
    const { job, entry } = exampleJob();
    const memory = makeMemoryTables();
    await insertJob(memory, job, entry);
    const { tables, underWay } = refusingTheSecondLane(memory);
    const deps = { tables, clock: { now: () => NOW, sleep: async () => {} }, newId };

    // A function that has returned is frozen with what it left: such a write would land minutes later.
    const dividing = apply({ ...deps, retentionDays: 7 }, job, {
      kind: 'divide',
      lanes: [lane(0), lane(1), lane(2)],
      topicId: undefined,
      totals: job.totals,
      detail: {},
      jumps: [],
    });

    await expect(dividing).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(underWay()).toBe(0);
    expect(await readJob(memory, job.id)).toMatchObject({ generation: 0, claimedGeneration: 1 });
  });
});
