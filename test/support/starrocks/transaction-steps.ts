import type { RowsTaken } from '../warehouse/rows-taken.ts';
import type { Transaction, Transactions } from '../warehouse/transactions.ts';

interface Counted {
  total: number;
  loaded: number;
  filtered: RowsTaken['filtered'];
  unselected: number;
}

/** The steps of StarRocks' transaction interface as it does and words them, without the HTTP around them. */
export class TransactionSteps {
  readonly transactions: Transactions;
  readonly errorLogs: string[] = [];
  readonly #urlOf: (log: number) => string;
  readonly #counted = new Map<Transaction, Counted>();

  /** @param urlOf where an error log, by its number, can be read */
  constructor(transactions: Transactions, urlOf: (log: number) => string) {
    this.transactions = transactions;
    this.#urlOf = urlOf;
  }

  begin(label: string, table: string): object {
    const begun = this.transactions.begin(label, table);
    if (begun === 'label-exists') {
      const { state = '' } = this.transactions.latest(label) ?? {};
      const existing: Record<string, string> = { PREPARE: 'RUNNING', PRECOMMITTED: 'PREPARED' };
      return {
        Status: 'LABEL_ALREADY_EXISTS',
        ExistingJobStatus: existing[state] ?? 'FINISHED',
        Message: `Label [${label}] has already been used.`,
      };
    }
    this.#counted.set(begun, { total: 0, loaded: 0, filtered: [], unselected: 0 });
    return { Status: 'OK', Message: '', Label: label, TxnId: begun.id, BeginTxnTimeMs: 0 };
  }

  /** Why no rows are taken under this label; undefined when they are. */
  loadFault(label: string): object | undefined {
    if (this.transactions.latest(label)?.state === 'PREPARE') return undefined;
    return { Status: 'FAILED', Message: 'TXN_NOT_EXISTS' };
  }

  /** Takes the rows of one load of the transaction. */
  load(label: string, taken: RowsTaken, { tooManyVersions }: { tooManyVersions: boolean }): object {
    const transaction = this.transactions.latest(label);
    const counted = transaction && this.#counted.get(transaction);
    if (counted === undefined || transaction?.state !== 'PREPARE') {
      return { Status: 'FAILED', Message: 'TXN_NOT_EXISTS' };
    }
    if (tooManyVersions) {
      transaction.state = 'ABORTED';
      const Message = 'Too many versions. tablet_id: 10174, version_count: 1001, limit: 1000';
      return { Status: 'FAILED', Message };
    }
    transaction.rows.push(...taken.loaded);
    counted.total += taken.total;
    counted.loaded += taken.loadedCount;
    counted.unselected += taken.unselected;
    counted.filtered.push(...taken.filtered);
    return {
      TxnId: transaction.id,
      Seq: 0,
      Label: label,
      Status: 'OK',
      Message: '',
      // The rows are looked at later.
      NumberTotalRows: 0,
      NumberLoadedRows: 0,
      NumberFilteredRows: 0,
      NumberUnselectedRows: 0,
      LoadBytes: 0,
    };
  }

  prepare(label: string): object {
    const transaction = this.transactions.latest(label);
    if (transaction === undefined || transaction.state === 'ABORTED') {
      return { Status: 'FAILED', Message: 'Transcation Not Exist' };
    }
    const counts = this.#countsOf(transaction);
    if (this.#counted.get(transaction)?.loaded === 0) {
      transaction.state = 'ABORTED';
      const Message = 'No partitions have data available for loading. If you are sure ...';
      return { Status: 'FAILED', Message, ...counts };
    }
    if (transaction.state === 'PREPARE') transaction.state = 'PRECOMMITTED';
    return { TxnId: transaction.id, Label: label, Status: 'OK', Message: '', ...counts };
  }

  commit(label: string, { publishTimeout }: { publishTimeout: boolean }): object {
    const transaction = this.transactions.latest(label);
    if (transaction === undefined) return unknown(label);
    const { id, state } = transaction;
    if (state === 'VISIBLE' || state === 'COMMITTED') {
      const Message = `Transaction ${id} has already committed, label is ${label}`;
      return { Status: 'OK', Message };
    }
    if (state !== 'PRECOMMITTED') {
      const Message = `Can not commit ${state} transaction ${id}, label is ${label}`;
      return { Status: 'FAILED', Message };
    }
    transaction.state = 'VISIBLE';
    if (publishTimeout) return { Status: 'FAILED', Message: 'publish timeout' };
    return { TxnId: id, Label: label, Status: 'OK', Message: '' };
  }

  rollback(label: string): object {
    const transaction = this.transactions.latest(label);
    if (transaction === undefined) return unknown(label);
    const { id, state } = transaction;
    if (state === 'VISIBLE' || state === 'COMMITTED') {
      const Message = `Can not abort ${state} transaction ${id}, label is ${label}`;
      return { Status: 'FAILED', Message };
    }
    if (state !== 'ABORTED') transaction.state = 'ABORTED';
    return { TxnId: id, Label: label, Status: 'OK', Message: '' };
  }

  /** @returns how `get_load_state` names it */
  stateOf(label: string): string {
    const known = this.transactions.latest(label)?.state;
    return known === 'PRECOMMITTED' ? 'PREPARED' : (known ?? 'UNKNOWN');
  }

  #countsOf(transaction: Transaction): object {
    const counted = this.#counted.get(transaction);
    const { total, loaded, filtered, unselected } = counted ?? NOTHING;
    const lines = filtered
      .filter(({ isListed }) => isListed)
      .map(({ row, reason }) => `Error: ${reason}. Row: ${row}`);
    if (lines.length > 0) this.errorLogs.push(`${lines.join('\n')}\n`);
    return {
      NumberTotalRows: total,
      NumberLoadedRows: loaded,
      NumberFilteredRows: filtered.length,
      NumberUnselectedRows: unselected,
      ...(lines.length > 0 ? { ErrorURL: this.#urlOf(this.errorLogs.length - 1) } : {}),
    };
  }
}

const NOTHING: Counted = { total: 0, loaded: 0, filtered: [], unselected: 0 };

function unknown(label: string): object {
  return { Status: 'FAILED', Message: `No transaction found by label ${label}` };
}
