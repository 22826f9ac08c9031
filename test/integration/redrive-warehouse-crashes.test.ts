import { afterEach, beforeEach, describe, expect, inject } from 'vitest';
import { describeRedriveDeaths } from '../support/suites/redrive-deaths.ts';
import { ALL, type BadRowsIn, startBadRowsIn } from '../support/warehouse/bad-rows-in.ts';

/** Bad rows of destinations that keep none, read from the topic again: each once, whatever dies. */

const brokers = inject('kafkaBrokers');

describe.each(['doris', 'starrocks'] as const)(
  'F1, F9: the loader of a redrive into %s',
  (kind) => {
    let bad: BadRowsIn;
    beforeEach(async () => {
      bad = await startBadRowsIn(kind, { brokers, dynamodb: inject('dynamodbEndpoint') });
    });
    afterEach(() => bad.close());

    describeRedriveDeaths({
      product: () => bad.product,
      ways: [kind === 'doris' ? 'dies' : 'stands still'],
      points: 14,
      async asked() {
        const id = await bad.createJob();
        await bad.correct(id);
        await bad.call(`POST /jobs/${id}/redrive`);
        return id;
      },
      async expectExact(id) {
        expect(bad.loaded()).toEqual(ALL);
        expect((await bad.waiting(id)).rows).toBe(1);
      },
    });
  },
);
