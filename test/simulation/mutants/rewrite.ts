import type {
  Item,
  Tables,
  Test,
  TransactionOutcome,
  Write,
  WriteOutcome,
} from '#shared/store/tables.ts';

/** Ways to change what goes to the store and what comes back, for guards that are switched off. */

/** Tables whose every write goes through `change` first. */
export function rewriting(tables: Tables, change: (write: Write) => Write): Tables {
  return {
    ...tables,
    write: (write) => tables.write(change(write)),
    transact: (writes, token) => tables.transact(writes.map(change), token),
  };
}

/** Tables whose answers to single writes go through `change`; it may also catch what is thrown. */
export function answering(
  tables: Tables,
  change: (write: Write, answer: Promise<WriteOutcome>) => Promise<WriteOutcome>,
): Tables {
  return { ...tables, write: (write) => change(write, tables.write(write)) };
}

/** Tables whose items are read through `change`. */
export function reading(tables: Tables, change: (item: Item) => Item): Tables {
  return {
    ...tables,
    get: async (key) => {
      const item = await tables.get(key);
      return item && change(item);
    },
    query: async (table, pk, options) => {
      const page = await tables.query(table, pk, options);
      return { ...page, items: page.items.map(change) };
    },
  };
}

/** Tables whose transactions are sent otherwise. */
export function transacting(
  tables: Tables,
  send: (writes: readonly Write[], token: string) => Promise<TransactionOutcome>,
): Tables {
  return { ...tables, transact: send };
}

/** The write without its tests of these attributes. */
export function without(write: Write, ...attributes: string[]): Write {
  const keeps = ({ attribute }: Test) => !attributes.includes(attribute);
  return { ...write, condition: write.condition.filter(keeps) };
}

/** What a write does, by its shape. */
const isTask = (write: Write): boolean => write.key.table === 'tasks';
const isLane = (write: Write): boolean => write.key.sk.startsWith('LANE#');
export const isJob = (write: Write): boolean => write.key.sk === 'JOB';

/** The value that a write gives an attribute. */
export function given(write: Write, attribute: string): unknown {
  if (write.kind === 'put') return write.item[attribute];
  return write.kind === 'update' ? write.set?.[attribute] : undefined;
}

export const isDecision = (write: Write): boolean =>
  isTask(write) && write.kind === 'update' && given(write, 'decision') !== undefined;
export const isClaim = (write: Write): boolean =>
  isTask(write) && write.kind === 'update' && given(write, 'status') === 'RUNNING';
export const isDone = (write: Write): boolean => isTask(write) && given(write, 'status') === 'DONE';
export const isCancel = (write: Write): boolean =>
  isTask(write) && given(write, 'status') === 'CANCELLED';
export const isReoffer = (write: Write): boolean =>
  isTask(write) && write.condition.some(({ attribute }) => attribute === 'leaseUntil');
export const isAdvance = (write: Write): boolean =>
  isLane(write) && write.kind === 'update' && given(write, 'next') !== undefined;
export const isPlan = (write: Write): boolean =>
  isLane(write) &&
  write.kind === 'update' &&
  write.condition.some((test) => test.attribute === 'taskId' && test.is === 'absent');
