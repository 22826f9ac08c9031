import fc from 'fast-check';
import { expect, it } from 'vitest';
import { settleTransaction, settleWrite } from '#shared/store/settle.ts';
import type { Key, Write } from '#shared/store/tables.ts';
import { type Fault, makeFaultyTables, randomFaults } from '../../../support/faulty-tables.ts';
import { makeMemoryTables } from '../../../support/memory-tables.ts';

const KEY: Key = { table: 'tasks', pk: '1', sk: 'T' };
const claim = (owner: string): Write => ({
  kind: 'update',
  key: KEY,
  set: { owner, attempt: 1 },
  condition: [{ attribute: 'attempt', is: 'absent' }],
});
const FAULTS = ['unavailable', 'lost-before', 'lost-after', 'late', 'repeated'] as const;
const anyFaults = fc.array(fc.constantFrom<Fault | undefined>(undefined, ...FAULTS), {
  maxLength: 8,
});

/** `true` and `false` as answered, or the name of the error. */
async function settled(answer: Promise<boolean>): Promise<boolean | string> {
  return answer.catch((error: Error) => error.name);
}

it('F6, F7: whatever befalls it, a writer that hears won has won, and one that hears lost has lost', async () => {
  await fc.assert(
    fc.asyncProperty(anyFaults, fc.boolean(), async (faults, isTaken) => {
      const tables = makeMemoryTables();
      if (isTaken) await tables.write(claim('other'));
      const faulty = makeFaultyTables(tables, ({ number }) => faults[number]);
      const said = await settled(
        settleWrite(faulty, claim('me'), (item) => item.owner === 'me').then(({ won }) => won),
      );
      await faulty.arrive();
      const isMine = (await tables.get(KEY))?.owner === 'me';
      if (said === 'LoadFailure') expect(isMine).toBe(false);
      else if (said !== 'OutcomeUnknown') expect(isMine).toBe(said);
      if (isTaken) expect(isMine).toBe(false);
    }),
    { numRuns: 500 },
  );
});

it('F6, F7: the same holds for a transaction', async () => {
  await fc.assert(
    fc.asyncProperty(anyFaults, fc.boolean(), async (faults, isTaken) => {
      const tables = makeMemoryTables();
      if (isTaken) await tables.write(claim('other'));
      const faulty = makeFaultyTables(tables, ({ number }) => faults[number]);
      const said = await settled(
        settleTransaction(faulty, [claim('me')], {
          token: 'token',
          mine: async () => (await tables.get(KEY))?.owner === 'me',
        }),
      );
      await faulty.arrive();
      const isMine = (await tables.get(KEY))?.owner === 'me';
      if (said === 'LoadFailure') expect(isMine).toBe(false);
      else if (said !== 'OutcomeUnknown') expect(isMine).toBe(said);
    }),
    { numRuns: 500 },
  );
});

it('F2, F6: of writers under faults never two win', async () => {
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.double({ min: 0, max: 0.999 })), async (stream) => {
      const random = () => stream.next().value as number;
      const tables = makeMemoryTables();
      const faulty = makeFaultyTables(tables, randomFaults(random, 0.5));
      const won = await Promise.all(
        ['a', 'b', 'c'].map((owner) =>
          settled(
            settleWrite(faulty, claim(owner), (item) => item.owner === owner).then((s) => s.won),
          ),
        ),
      );
      await faulty.arrive();
      const winners = ['a', 'b', 'c'].filter((_, i) => won[i] === true);
      expect(winners.length).toBeLessThanOrEqual(1);
      if (winners[0]) expect((await tables.get(KEY))?.owner).toBe(winners[0]);
    }),
    { numRuns: 300 },
  );
});
