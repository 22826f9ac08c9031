import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { INDEXES, type Item, type Key, type Tables, type Write } from '#shared/store/tables.ts';
import { makeMemoryTables } from '../support/memory-tables.ts';
import { freshTables } from '../support/tables.ts';

/**
 * Memory stands in for DynamoDB in simulations, so it must give the same answers to anything. Both get the
 * same random calls; partitions and index hashes carry a run's name, so that runs share the tables.
 */

const value = fc.oneof(
  fc.integer({ min: -1_000, max: 1_000 }).map((n) => n || 0),
  fc.constantFrom('', 'a', 'b', 'c'),
  fc.boolean(),
  fc.array(fc.constantFrom('x', 1, true), { maxLength: 2 }),
  fc.dictionary(fc.constantFrom('p', 'q'), fc.constantFrom('y', 2), {
    maxKeys: 2,
    noNullPrototype: true,
  }),
);
const name = fc.constantFrom('a', 'b', 'c');
const plainFields = fc.dictionary(name, value, { maxKeys: 3, noNullPrototype: true });
/** Now and then with an index's attributes, or one of a type that the index refuses. */
const fields = fc
  .tuple(
    plainFields,
    fc.option(fc.constantFrom('h1', 'h2'), { nil: undefined }),
    fc.option(fc.oneof({ weight: 9, arbitrary: fc.nat(50) }, fc.constant('soon')), {
      nil: undefined,
    }),
  )
  .map(([plain, hash, range]) => ({
    ...plain,
    ...(hash !== undefined && { activeShard: hash }),
    ...(range !== undefined && { dueAt: range }),
  }));

const key = fc.record({ pk: fc.constantFrom('1', '2'), sk: fc.constantFrom('A', 'B', 'BB', 'C') });
const test = fc.oneof(
  fc.record({ attribute: fc.oneof(name, fc.constant('pk')), is: fc.constant('absent' as const) }),
  fc.record({ attribute: name, is: fc.constant('present' as const) }),
  fc.record({
    attribute: name,
    is: fc.constantFrom('equal' as const, 'at-most' as const),
    value: fc.oneof(
      fc.integer({ min: -3, max: 3 }).map((n) => n || 0),
      fc.constantFrom('a', 'b'),
    ),
  }),
  fc.record({
    attribute: name,
    is: fc.constant('one-of' as const),
    values: fc.subarray(['a', 'b', 'c'], { minLength: 0 }),
  }),
);
const condition = fc.array(test, { maxLength: 2 });
const write = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), key, item: fields, condition }),
  fc.record({
    kind: fc.constant('update' as const),
    key,
    set: fields,
    remove: fc.subarray(['a', 'b', 'dueAt']),
    add: fc.dictionary(name, fc.integer({ min: 1, max: 5 }), { maxKeys: 1, noNullPrototype: true }),
    condition,
  }),
  fc.record({ kind: fc.constant('delete' as const), key, condition }),
);
const check = fc.record({ kind: fc.constant('check' as const), key, condition });
const call = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('write' as const), write }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('transact' as const),
      // An item twice is refused by both, but here before the conditions and there after them.
      writes: fc.uniqueArray(fc.oneof({ weight: 4, arbitrary: write }, check), {
        minLength: 1,
        maxLength: 3,
        selector: (each) => `${each.key.pk} ${each.key.sk}`,
      }),
      token: fc.constantFrom('t1', 't2', 't3', 't4', 't5'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('get' as const), key }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('query' as const),
      pk: fc.constantFrom('1', '2', '3'),
      skPrefix: fc.constantFrom('', 'B'),
      newestFirst: fc.boolean(),
      limit: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('queryIndex' as const),
      hash: fc.constantFrom('h1', 'h2'),
      atMost: fc.nat(50),
      newestFirst: fc.boolean(),
    }),
  },
);
type Call = typeof call extends fc.Arbitrary<infer T> ? T : never;

/** Puts a run's name where runs could meet: partitions, index hashes, tokens. */
function own(run: string, raw: unknown): Write {
  const given = raw as Write & { item?: Item; set?: Item };
  const named = (fields: Item) =>
    typeof fields.activeShard === 'string'
      ? { ...fields, activeShard: run + fields.activeShard }
      : fields;
  const at: Key = { table: 'jobs', pk: run + given.key.pk, sk: given.key.sk };
  return {
    ...given,
    key: at,
    ...(given.item && { item: named(given.item) }),
    ...(given.set && { set: named(given.set) }),
  } as Write;
}

async function answerOf(tables: Tables, run: string, asked: Call): Promise<unknown> {
  switch (asked.do) {
    case 'write':
      return tables.write(own(run, asked.write));
    case 'transact':
      return tables.transact(
        asked.writes.map((each) => own(run, each)),
        run.slice(0, 30) + asked.token,
      );
    case 'get':
      return tables.get({ table: 'jobs', pk: run + asked.key.pk, sk: asked.key.sk });
    case 'query':
      return allPages((cursor) =>
        tables.query('jobs', run + asked.pk, { ...asked, ...(cursor && { cursor }) }),
      );
    case 'queryIndex': {
      const { items } = await tables.queryIndex('active', run + asked.hash, asked);
      const range = INDEXES.active.range;
      // Nothing is promised about the order of equal ranges.
      return {
        ranges: items.map((item) => item[range]),
        rows: items.map((item) => JSON.stringify(item, Object.keys(item).sort())).sort(),
      };
    }
  }
}

async function allPages(page: (cursor?: string) => ReturnType<Tables['query']>) {
  const pages: (readonly Item[])[] = [];
  let cursor: string | undefined;
  do {
    const answer = await page(cursor);
    pages.push(answer.items);
    cursor = answer.cursor;
  } while (cursor);
  return pages;
}

/** An error is an answer too: which kind, and not in which words. */
async function outcome(tables: Tables, run: string, asked: Call): Promise<unknown> {
  try {
    return await answerOf(tables, run, asked);
  } catch (error) {
    const kind = (error as Error).name;
    const refused = ['ValidationException', 'TransactionCanceledException', 'TypeError'];
    return { error: refused.includes(kind) ? 'refused' : kind };
  }
}

it('memory and DynamoDB Local give the same answers to any sequence of calls', async () => {
  const { tables: real } = await freshTables();
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 5, maxLength: 30 }), async (calls) => {
      const memory = makeMemoryTables();
      const run = `${randomUUID()}#`;
      for (const asked of calls) {
        expect(await outcome(memory, run, asked)).toEqual(await outcome(real, run, asked));
      }
    }),
    { numRuns: 80 },
  );
}, 120_000);
