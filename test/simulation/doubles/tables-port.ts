import { LoadFailure } from '#shared/domain/failure.ts';
import {
  type Item,
  type Key,
  OutcomeUnknown,
  type Page,
  type Tables,
  type Write,
} from '#shared/store/tables.ts';
import type { MemoryTables } from '../../support/memory-tables.ts';
import type { Calls } from '../engine/calls.ts';
import type { Process } from '../engine/process.ts';

/** What the indexes showed when they were read before, by index and hash: what a reader behind time sees. */
export type EarlierPages = Map<string, Page>;

const NOTHING: Page = { items: [] };
const NOTHING_YET = Promise.resolve(NOTHING);

function refused(): LoadFailure {
  return new LoadFailure('STORE_UNAVAILABLE', 'the store refused a request: throttled');
}

function lost(): OutcomeUnknown {
  return new OutcomeUnknown(new Error('no answer'));
}

/** The tables as one process sees them. */
export function makeTablesPort(
  base: Tables & Partial<Pick<MemoryTables, 'hasHeld'>>,
  parts: { readonly process: Process; readonly calls: Calls; readonly earlier: EarlierPages },
): Tables {
  const { process, calls, earlier } = parts;
  const read = <T>(effect: () => Promise<T>, describe: () => string) =>
    calls.perform(process, { kind: 'read', effect, refused, lost, describe });
  const write = <T>(effect: () => Promise<T>, describe: () => string) =>
    calls.perform(process, { kind: 'write', effect, refused, lost, describe });

  return {
    get: (key) =>
      read(
        () => base.get(key),
        () => `get ${nameOf(key)}`,
      ),
    query: (table, pk, options) =>
      read(
        () => base.query(table, pk, options),
        () => `query ${table} ${pk} ${options?.skPrefix ?? ''}`,
      ),
    queryIndex: (index, hash, options) => {
      // Whatever happens to such a look happens as well at the calls beside it: nobody can tell.
      if (process.alive && base.hasHeld?.(index, hash) === false) return NOTHING_YET;
      const name = `${index}/${hash}`;
      return calls.perform(process, {
        kind: 'index',
        effect: async () => {
          const page = await base.queryIndex(index, hash, options);
          earlier.set(name, page);
          return page;
        },
        refused,
        lost,
        stale: () => earlier.get(name) ?? NOTHING,
        describe: () => `index ${name}`,
      });
    },
    write: (one) =>
      write(
        () => base.write(one),
        () => describeWrite(one),
      ),
    transact: (writes, token) =>
      write(
        () => base.transact(writes, token),
        () => `transact ${token}: ${writes.map(describeWrite).join(' + ')}`,
      ),
  };
}

function nameOf(key: Key): string {
  return `${key.table}/${key.pk}/${key.sk}`;
}

/** One write in a line: what it touches, what it sets, on which conditions. */
function describeWrite(write: Write): string {
  const tests = write.condition
    .map((test) => `${test.attribute}${'value' in test ? `=${test.value}` : ` ${test.is}`}`)
    .join(' & ');
  const when = tests && ` if ${tests}`;
  switch (write.kind) {
    case 'put':
      return `put ${nameOf(write.key)} ${brief(write.item)}${when}`;
    case 'update':
      return `update ${nameOf(write.key)} ${brief({ ...write.set, ...write.add })}${write.remove?.length ? ` -${write.remove}` : ''}${when}`;
    default:
      return `${write.kind} ${nameOf(write.key)}${when}`;
  }
}

const TOLD = new Set([
  'status',
  'attempt',
  'leaseUntil',
  'notBefore',
  'decision',
  'next',
  'taskId',
  'revision',
  'slice',
  'state',
  'reason',
  'generation',
  'claimedGeneration',
  'changeToken',
  'dueAt',
  'failures',
]);

function brief(item: Item): string {
  const told = Object.entries(item).filter(([name]) => TOLD.has(name));
  return JSON.stringify(Object.fromEntries(told));
}
