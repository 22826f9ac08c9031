import type { Item, Tables, Write } from '#shared/store/tables.ts';
import type { Mutant } from './mutant.ts';
import { isDone, isJob, reading, rewriting, transacting, without } from './rewrite.ts';

/** Guards of loading dead letters again. */

const isLetters = (write: Write): boolean => write.key.sk.startsWith('LETTERS#');
const isRedriveLane = (write: Write): boolean => write.key.sk.endsWith('#9999');

/** Deletes the records of dead letters that were loaded again after the transaction that ended their task. */
function deletingLater(tables: Tables): Tables {
  return transacting(tables, async (writes, token) => {
    const isLater = (write: Write) => isLetters(write) && write.kind === 'delete';
    const later = writes.filter(isLater);
    if (later.length === 0) return tables.transact(writes, token);
    const outcome = await tables.transact(
      writes.filter((write) => !isLater(write)),
      token,
    );
    if (outcome.applied) await tables.transact(later, `${token}b`);
    return outcome;
  });
}

/** Jobs as they are while the request stands for which a task was planned. */
function believingRequests(tables: Tables): Tables {
  let request: unknown;
  return reading(tables, (item): Item => {
    if (item.slice !== undefined) request = (item.redrive as Item | undefined)?.request;
    if (item.spec === undefined || request === undefined) return item;
    return { ...item, redrive: { id: String(request), upTo: '', at: 1 } };
  });
}

export const REDRIVE_GUARDS: readonly Mutant[] = [
  {
    guard: 'dead letters are loaded by one task at a time',
    sabotage: () => ({
      tables: (tables) =>
        rewriting(tables, (write) => {
          if (isLetters(write)) return { ...write, condition: [] };
          return isRedriveLane(write) ? without(write, 'taskId', 'revision') : write;
        }),
    }),
  },
  {
    guard: 'the record of dead letters goes in the transaction that ends their task',
    sabotage: () => ({ tables: deletingLater }),
  },
  {
    guard: 'dead letters come in the transaction that ends their task',
    sabotage: () => ({
      tables: (tables) =>
        transacting(tables, async (writes, token) => {
          const [done] = writes;
          const isLater = (write: Write) => isLetters(write) && write.kind === 'put';
          if (!done || !isDone(done) || !writes.some(isLater)) {
            return tables.transact(writes, token);
          }
          const outcome = await tables.transact(
            writes.filter((write) => !isLater(write)),
            token,
          );
          if (outcome.applied) await tables.transact(writes.filter(isLater), `${token}b`);
          return outcome;
        }),
    }),
  },
  {
    guard: 'a request takes neither later dead letters nor those that it has left itself',
    sabotage: () => ({
      tables: (tables) =>
        rewriting(tables, (write) => {
          if (write.kind !== 'put') return write;
          const { request, redrive, ...item } = write.item;
          if (isLetters(write)) return { ...write, item };
          if (!isJob(write) || redrive === undefined) return write;
          return { ...write, item: { ...item, redrive: { ...(redrive as Item), upTo: 'Z' } } };
        }),
    }),
  },
  {
    guard: 'a task for dead letters begins only while its request stands',
    sabotage: () => ({
      tables: (tables, process) => (process.kind === 'loader' ? believingRequests(tables) : tables),
    }),
  },
];
