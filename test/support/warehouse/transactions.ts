import type { LoadColumns } from './keyed-table.ts';

/** Transactions, labels and rows of one database, as Doris and StarRocks keep them. */

type TransactionState = 'PREPARE' | 'PRECOMMITTED' | 'COMMITTED' | 'VISIBLE' | 'ABORTED';

const FINISHED: readonly TransactionState[] = ['COMMITTED', 'VISIBLE', 'ABORTED'];

/** How long transactions are kept, in ms. */
export interface Keeping {
  readonly now: () => number;
  /** Those that are loading. */
  readonly loadMs: number;
  readonly preparedMs: number;
  /** Those that are finished, with their labels; and how many of them at most. */
  readonly finishedMs: number;
  readonly mostFinished: number;
}

const FOR_EVER: Keeping = {
  now: () => 0,
  loadMs: Number.POSITIVE_INFINITY,
  preparedMs: Number.POSITIVE_INFINITY,
  finishedMs: Number.POSITIVE_INFINITY,
  mostFinished: Number.POSITIVE_INFINITY,
};

const TIMED_OUT = 'timeout by txn manager';

export class Transaction {
  readonly id: number;
  readonly label: string;
  readonly table: string;
  reason = '';
  rows: string[] = [];
  columns: LoadColumns = { named: undefined, sign: undefined };
  #state: TransactionState = 'PREPARE';
  readonly #onChange: (transaction: Transaction) => void;

  constructor(
    named: { readonly id: number; readonly label: string; readonly table: string },
    onChange: (transaction: Transaction) => void,
  ) {
    this.id = named.id;
    this.label = named.label;
    this.table = named.table;
    this.#onChange = onChange;
    onChange(this);
  }

  get state(): TransactionState {
    return this.#state;
  }

  set state(state: TransactionState) {
    this.#state = state;
    this.#onChange(this);
  }

  /** Whether its rows can be queried. */
  get isVisible(): boolean {
    return this.#state === 'VISIBLE';
  }

  get isTimedOut(): boolean {
    return this.#state === 'ABORTED' && this.reason === TIMED_OUT;
  }
}

export class Transactions {
  /** Those that are known; after {@link Transactions.tidy} they are what time has left. */
  readonly all: Transaction[] = [];
  readonly #forgotten: Transaction[] = [];
  readonly #keeping: Keeping;
  /** When each got into its state, and the how manieth finished one it is. */
  readonly #changes = new Map<Transaction, { readonly at: number; readonly place: number }>();
  #finished = 0;
  /** Ids above 2^53 are met in clusters over shared storage. */
  #next = 9_032;

  constructor(keeping: Keeping = FOR_EVER) {
    this.#keeping = keeping;
  }

  /** A label is free when it is unknown or its latest transaction was aborted. */
  begin(label: string, table: string): Transaction | 'label-exists' {
    const known = this.latest(label);
    if (known && known.state !== 'ABORTED') return 'label-exists';
    const begun = new Transaction({ id: this.#next, label, table }, (one) => this.#note(one));
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

  /** Also when it is forgotten. */
  everBegun(id: string): Transaction | undefined {
    return this.byId(id) ?? this.#forgotten.find((one) => String(one.id) === id);
  }

  /** What 2,000 later transactions, or twelve hours, do to a finished one; rows stay where they are. */
  forget(label: string): void {
    for (const one of this.all.filter((transaction) => transaction.label === label)) {
      this.#drop(one);
    }
  }

  /** What the hour does that Doris keeps a prepared transaction. */
  expirePrepared(): void {
    for (const transaction of this.all) {
      if (transaction.state === 'PRECOMMITTED') timeOut(transaction);
    }
  }

  /** So many transactions of others end. */
  finishOthers(count: number): void {
    this.#finished += count;
  }

  /** Gives up and forgets what is over by now. */
  tidy(): void {
    const { loadMs, preparedMs, finishedMs, mostFinished } = this.#keeping;
    const now = this.#keeping.now();
    for (const one of [...this.all]) {
      const { at, place } = this.#changes.get(one) ?? { at: now, place: this.#finished };
      if (FINISHED.includes(one.state)) {
        if (now - at > finishedMs || this.#finished - place >= mostFinished) this.#drop(one);
      } else if (now - at > (one.state === 'PREPARE' ? loadMs : preparedMs)) timeOut(one);
    }
  }

  /** The rows of a table that can be queried. */
  visible(table: string): string[] {
    return [...this.#forgotten, ...this.all]
      .filter((one) => one.table === table && one.isVisible)
      .flatMap(({ rows }) => rows);
  }

  #drop(one: Transaction): void {
    this.all.splice(this.all.indexOf(one), 1);
    this.#forgotten.push(one);
  }

  #note(one: Transaction): void {
    if (FINISHED.includes(one.state)) this.#finished += 1;
    this.#changes.set(one, { at: this.#keeping.now(), place: this.#finished });
  }
}

function timeOut(transaction: Transaction): void {
  transaction.state = 'ABORTED';
  transaction.reason = TIMED_OUT;
}
