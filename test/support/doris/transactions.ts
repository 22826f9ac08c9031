/** Transactions, labels and rows of one database, as Doris and StarRocks keep them. */

type TransactionState = 'PREPARE' | 'PRECOMMITTED' | 'COMMITTED' | 'VISIBLE' | 'ABORTED';

export interface Transaction {
  readonly id: number;
  readonly label: string;
  readonly table: string;
  state: TransactionState;
  reason: string;
  rows: string[];
}

export class Transactions {
  readonly all: Transaction[] = [];
  /** Ids above 2^53 are met in clusters over shared storage. */
  #next = 9_032;

  /** A label is free when it is unknown or its latest transaction was aborted. */
  begin(label: string, table: string): Transaction | 'label-exists' {
    const known = this.latest(label);
    if (known && known.state !== 'ABORTED') return 'label-exists';
    const begun: Transaction = {
      id: this.#next,
      label,
      table,
      state: 'PREPARE',
      reason: '',
      rows: [],
    };
    this.#next += 1;
    this.all.push(begun);
    return begun;
  }

  latest(label: string): Transaction | undefined {
    return this.all.findLast((transaction) => transaction.label === label);
  }

  byId(id: string): Transaction | undefined {
    return this.all.find((transaction) => String(transaction.id) === id);
  }

  /** What 2,000 later transactions, or twelve hours, do to a finished one; rows stay where they are. */
  forget(label: string): void {
    for (const one of this.all.filter((transaction) => transaction.label === label)) {
      this.all.splice(this.all.indexOf(one), 1);
      if (one.state === 'VISIBLE' || one.state === 'COMMITTED') this.#forgotten.push(one);
    }
  }

  /** What the hour does that Doris keeps a prepared transaction. */
  expirePrepared(): void {
    for (const transaction of this.all) {
      if (transaction.state !== 'PRECOMMITTED') continue;
      transaction.state = 'ABORTED';
      transaction.reason = 'timeout by txn manager';
    }
  }

  /** The rows of a table that can be queried. */
  visible(table: string): string[] {
    return [...this.#forgotten, ...this.all]
      .filter((one) => one.table === table && one.state === 'VISIBLE')
      .flatMap(({ rows }) => rows);
  }

  readonly #forgotten: Transaction[] = [];
}
