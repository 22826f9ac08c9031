/**
 * The store's seam: conditional writes on two tables, as data. Everything above it is written once and
 * runs on DynamoDB, on DynamoDB Local and in memory alike; the adapters below it evaluate.
 */

/** What an attribute can hold. Offsets are strings, since numbers here are JavaScript's. */
export type Value =
  | string
  | number
  | boolean
  | readonly Value[]
  | { readonly [name: string]: Value };

export type Item = { readonly [name: string]: Value };

export type TableName = 'jobs' | 'tasks';

export interface Key {
  readonly table: TableName;
  readonly pk: string;
  readonly sk: string;
}

/** One test of one attribute of the item as it stands; a condition is a list of tests, all of which must hold. */
export type Test =
  | { readonly attribute: string; readonly is: 'absent' | 'present' }
  | {
      readonly attribute: string;
      readonly is: 'equal' | 'at-most';
      readonly value: string | number;
    }
  | { readonly attribute: string; readonly is: 'one-of'; readonly values: readonly string[] };

export type Condition = readonly Test[];

/** A conditional write of one item. `put` replaces the item, `update` changes attributes of one that may not exist yet. */
export type Write =
  | { readonly kind: 'put'; readonly key: Key; readonly item: Item; readonly condition: Condition }
  | {
      readonly kind: 'update';
      readonly key: Key;
      readonly set?: Item;
      readonly remove?: readonly string[];
      readonly add?: { readonly [name: string]: number };
      readonly condition: Condition;
    }
  | { readonly kind: 'delete'; readonly key: Key; readonly condition: Condition }
  | { readonly kind: 'check'; readonly key: Key; readonly condition: Condition };

/** `applied: false` means that the condition failed; `old` is the item as it stood then, if there was one. */
export type WriteOutcome =
  | { readonly applied: true }
  | { readonly applied: false; readonly old?: Item | undefined };

/** `failed` holds the places in the list of the writes whose condition failed. */
export type TransactionOutcome =
  | { readonly applied: true }
  | { readonly applied: false; readonly failed: ReadonlySet<number> };

export interface Page {
  readonly items: readonly Item[];
  /** Hand it back to go on; absent at the end. */
  readonly cursor?: string | undefined;
}

/** The sparse indexes. They are for finding work, never for deciding: they may lag behind. */
export const INDEXES = {
  /** Jobs that a cycle must visit, by due time. */
  active: { table: 'jobs', hash: 'activeShard', range: 'dueAt' },
  /** PENDING and RUNNING tasks. */
  live: { table: 'tasks', hash: 'liveShard', range: 'createdAt' },
  /** All jobs, in the order of their creation. */
  listed: { table: 'jobs', hash: 'listed', range: 'pk' },
} as const satisfies Record<string, { table: TableName; hash: string; range: string }>;
export type IndexName = keyof typeof INDEXES;

/**
 * The answer to a write is not known: it may or may not have been applied, or may be yet. Whoever gets
 * it reads, or repeats the same write, before believing anything.
 */
export class OutcomeUnknown extends Error {
  constructor(cause: unknown) {
    super('the store did not say whether the write was applied', { cause });
    this.name = 'OutcomeUnknown';
  }
}

/** A cursor that did not come from a page of the same query. */
export class InvalidCursor extends Error {
  constructor(cause?: unknown) {
    super('a cursor must come from the page before, got another text', { cause });
    this.name = 'InvalidCursor';
  }
}

/** The two tables. Every method may throw LoadFailure STORE_UNAVAILABLE; writes may throw {@link OutcomeUnknown}, queries {@link InvalidCursor}. */
export interface Tables {
  /** Strongly consistent. */
  get(key: Key): Promise<Item | undefined>;
  /** Strongly consistent, in the order of sk. */
  query(
    table: TableName,
    pk: string,
    options?: {
      readonly skPrefix?: string;
      readonly newestFirst?: boolean;
      readonly limit?: number;
      readonly cursor?: string;
    },
  ): Promise<Page>;
  /** Eventually consistent; items hold only the keys and the index's own attributes. */
  queryIndex(
    index: IndexName,
    hash: string,
    options?: {
      readonly atMost?: number;
      readonly newestFirst?: boolean;
      readonly limit?: number;
      readonly cursor?: string;
    },
  ): Promise<Page>;
  write(write: Write): Promise<WriteOutcome>;
  /** All or nothing. The token makes a repetition within ten minutes the same transaction. */
  transact(writes: readonly Write[], token: string): Promise<TransactionOutcome>;
}
