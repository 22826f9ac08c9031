import type { IncomingMessage } from 'node:http';
import { headerOf } from './servers.ts';
import type { Transactions } from './transactions.ts';

/** By which hidden column rows of a load delete: Doris' and StarRocks'. */
export type DeleteSign = '__DORIS_DELETE_SIGN__' | '__op';

/** What a load's headers say of its rows, which are objects of JSON. */
export interface LoadColumns {
  /** The fields that are taken; undefined: all. */
  readonly named: readonly string[] | undefined;
  /** Absent when the headers do not name it: then it is a field that no column of the table has. */
  readonly sign: DeleteSign | undefined;
}

/**
 * Reads `columns` and Doris' `hidden_columns`. A hidden column is read beside the table's own only when it is named:
 * by `hidden_columns` where there are no `columns`, else among these, which is the only way in StarRocks.
 */
export function loadColumns(request: IncomingMessage, sign: DeleteSign): LoadColumns {
  const named = listed(headerOf(request, 'columns'));
  const hidden = sign === '__op' ? undefined : listed(headerOf(request, 'hidden_columns'));
  return { named, sign: (named ?? hidden)?.includes(sign) ? sign : undefined };
}

function listed(text: string | undefined): string[] | undefined {
  return text?.split(',').map((name) => name.trim());
}

type Row = Readonly<Record<string, unknown>>;

/**
 * What a query finds in a table with a unique (Doris) or primary key (StarRocks): the last row of each key, unless it
 * deletes. Expressions among `columns` are not computed.
 */
export function keyedRows(
  transactions: Transactions,
  { table, keyColumns }: { readonly table: string; readonly keyColumns: readonly string[] },
): Row[] {
  const rows = new Map<string, Row>();
  for (const one of transactions.all.filter((each) => each.table === table && each.isVisible)) {
    const { named, sign } = one.columns;
    for (const text of one.rows) {
      const given: Row = JSON.parse(text);
      const isDeleted = sign !== undefined && given[sign] === 1;
      const fields = Object.entries(given).filter(
        ([name]) => name !== sign && (named?.includes(name) ?? true),
      );
      const key = JSON.stringify(keyColumns.map((column) => given[column]));
      if (isDeleted) rows.delete(key);
      else rows.set(key, Object.fromEntries(fields));
    }
  }
  return [...rows.values()];
}
