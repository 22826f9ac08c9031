import { INDEXES, type TableName } from '#shared/store/tables.ts';

/** The shapes of the two tables, once for the stack and for DynamoDB Local. */

/** `S` a string, `N` a number. */
export interface KeyAttribute {
  readonly name: string;
  readonly type: 'S' | 'N';
}

/** An index that holds the keys alone: it is for finding, and decisions read the table. */
interface IndexShape {
  readonly name: string;
  readonly hash: KeyAttribute;
  readonly range: KeyAttribute;
}

/** A table's keys and its sparse indexes. */
export interface TableShape {
  readonly hash: KeyAttribute;
  readonly range: KeyAttribute;
  readonly indexes: readonly IndexShape[];
}

/** The attribute by which DynamoDB deletes finished tasks; epoch seconds. */
export const TTL_ATTRIBUTE = 'expiresAt';

/** What a stream's records hold besides the keys. */
export const STREAM_VIEW = 'NEW_IMAGE';

/** Index attributes that are numbers; all others are strings. */
const NUMBERS: ReadonlySet<string> = new Set(['dueAt', 'createdAt']);

/** The shape of a table. */
export function tableShape(table: TableName): TableShape {
  const indexes = Object.entries(INDEXES).filter(([, index]) => index.table === table);
  return {
    hash: attribute('pk'),
    range: attribute('sk'),
    indexes: indexes.map(([name, { hash, range }]) => ({
      name,
      hash: attribute(hash),
      range: attribute(range),
    })),
  };
}

function attribute(name: string): KeyAttribute {
  return { name, type: NUMBERS.has(name) ? 'N' : 'S' };
}
