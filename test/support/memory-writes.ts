import type { TransactionOutcome, Write, WriteOutcome } from '#shared/store/tables.ts';
import { checkIndexKeys, hasIndexKeys } from './memory-index.ts';
import {
  checkUpdate,
  checkValues,
  holds,
  type Kept,
  keep,
  keepUnmeasured,
  RequestRefused,
  updated,
} from './memory-item.ts';
import { find, type MemoryState, store } from './memory-state.ts';

/** Conditional writes and transactions on the tables in memory. */

const MAX_TRANSACTION_ITEMS = 100;
const MAX_TRANSACTION_BYTES = 4 * 1024 * 1024;
const TOKEN_LIFE_MS = 600_000;

/** What writing needs: the state, the time in epoch ms, and whether requests are checked as DynamoDB does. */
export interface Writing {
  readonly state: MemoryState;
  readonly now: () => number;
  readonly measures: boolean;
}

/** One write. @throws {RequestRefused} for a request that DynamoDB does not take */
export function writeOne(writing: Writing, write: Write): WriteOutcome {
  if (write.kind === 'check') throw new TypeError('a check alone is not a write');
  const measures = writing.measures;
  if (measures) {
    checkRequest(write);
    if (write.kind === 'put') checkIndexKeys(write);
  }
  const put = write.kind === 'put' ? next(writing, write, undefined) : undefined;
  const old = find(writing.state, write.key);
  if (!holds(write.condition, old?.item)) return { applied: false, old: old?.item };
  if (measures) checkIndexKeys(write);
  store(writing.state, write.key, put ?? next(writing, write, old));
  return { applied: true };
}

/** All of the writes, or none. @throws {RequestRefused} as {@link writeOne} */
export function writeAll(
  writing: Writing,
  writes: readonly Write[],
  token: string,
): TransactionOutcome {
  if (!writing.measures) return writeAllUnmeasured(writing, writes, token);
  checkTransaction(writes, token);
  if (isRepetition(writing, writes, token)) return { applied: true };
  const puts = writes.map((write) =>
    write.kind === 'put' ? next(writing, write, undefined) : undefined,
  );
  const failed = new Set<number>();
  const olds = writes.map((write, i) => {
    const old = find(writing.state, write.key);
    // A faulty index key of a put is found before its own condition, but after those of others.
    const isFaulty = write.kind === 'put' && !hasIndexKeys(write);
    if (!isFaulty && !holds(write.condition, old?.item)) failed.add(i);
    return old;
  });
  // An update that cannot be is found where its own condition holds, whatever becomes of the others.
  for (const [i, write] of writes.entries()) {
    if (write.kind === 'update' && !failed.has(i)) updated(write, olds[i]?.item);
  }
  if (failed.size > 0) return { applied: false, failed };
  writes.forEach(checkIndexKeys);
  const nexts = writes.map((write, i) => puts[i] ?? next(writing, write, olds[i]));
  if (nexts.reduce((bytes, kept) => bytes + (kept?.bytes ?? 0), 0) > MAX_TRANSACTION_BYTES) {
    throw new RequestRefused(`a transaction must be at most ${MAX_TRANSACTION_BYTES} bytes`);
  }
  writes.forEach((write, i) => {
    if (write.kind !== 'check') store(writing.state, write.key, nexts[i]);
  });
  writing.state.tokens.set(token, { writes, at: writing.now() });
  return { applied: true };
}

/** The same in one pass, for writes that need no look at themselves. */
function writeAllUnmeasured(
  writing: Writing,
  writes: readonly Write[],
  token: string,
): TransactionOutcome {
  if (isRepetition(writing, writes, token)) return { applied: true };
  const olds: (Kept | undefined)[] = [];
  let failed: Set<number> | undefined;
  for (const [i, write] of writes.entries()) {
    const old = find(writing.state, write.key);
    olds.push(old);
    if (!holds(write.condition, old?.item)) {
      failed ??= new Set();
      failed.add(i);
    }
  }
  if (failed) return { applied: false, failed };
  for (const [i, write] of writes.entries()) {
    if (write.kind !== 'check') store(writing.state, write.key, next(writing, write, olds[i]));
  }
  writing.state.tokens.set(token, { writes, at: writing.now() });
  return { applied: true };
}

/** What DynamoDB refuses before it looks at any item. */
function checkRequest(write: Write): void {
  if (write.kind === 'check' && write.condition.length === 0) {
    throw new RequestRefused('a check must have a condition');
  }
  if (write.condition.some((test) => test.is === 'one-of' && test.values.length === 0)) {
    throw new RequestRefused('one-of must have values');
  }
  if (write.kind !== 'update') return;
  checkUpdate(write);
  checkValues(write);
}

function checkTransaction(writes: readonly Write[], token: string): void {
  if (token.length < 1 || token.length > 36) {
    throw new RequestRefused(`a token must have 1-36 characters, got ${token.length}`);
  }
  if (writes.length < 1 || writes.length > MAX_TRANSACTION_ITEMS) {
    throw new RequestRefused(
      `a transaction must have 1-${MAX_TRANSACTION_ITEMS} writes, got ${writes.length}`,
    );
  }
  for (const write of writes) checkRequest(write);
  const keys = new Set(writes.map(({ key }) => `${key.table}\n${key.pk}\n${key.sk}`));
  if (keys.size < writes.length) {
    throw new RequestRefused('a transaction must not name an item twice');
  }
}

/** Tokens are remembered only for transactions that took effect: measured on DynamoDB Local. */
function isRepetition(writing: Writing, writes: readonly Write[], token: string): boolean {
  const earlier = writing.state.tokens.get(token);
  if (!earlier || writing.now() - earlier.at > TOKEN_LIFE_MS) return false;
  if (earlier.writes !== writes && JSON.stringify(earlier.writes) !== JSON.stringify(writes)) {
    const error = new Error('a token must come with the same writes, got others');
    error.name = 'IdempotentParameterMismatchException';
    throw error;
  }
  return true;
}

function next(writing: Writing, write: Write, old: Kept | undefined): Kept | undefined {
  const kept = !writing.measures ? keepUnmeasured : keep;
  switch (write.kind) {
    case 'check':
      return old;
    case 'delete':
      return undefined;
    case 'put':
      return kept(write.key, write.item);
    case 'update':
      return kept(write.key, updated(write, old?.item));
  }
}
