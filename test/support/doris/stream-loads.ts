import type { RowsTaken } from '../warehouse/rows-taken.ts';
import type { Transaction, Transactions } from '../warehouse/transactions.ts';

/** What a load asks for, and what befalls it. */
export interface LoadRequest {
  readonly twoPhases: boolean;
  readonly maxFilterRatio: number;
  readonly tooManyVersions: boolean;
}

const TOO_MANY_VERSIONS =
  '[INTERNAL_ERROR]tablet error: [E-235]failed to init rowset builder. version count: 2001, exceed limit: 2000, tablet: 10174';
const NO_ROWS =
  '[ANALYSIS_ERROR]TStatus: errCode = 2, detailMessage = all partitions have no load data';

/** Stream Load as a backend of Doris does it and words it, without the HTTP around it. */
export class StreamLoads {
  readonly transactions: Transactions;
  readonly errorLogs: string[] = [];
  readonly #urlOf: (log: number) => string;

  /** @param urlOf where an error log, by its number, can be read */
  constructor(transactions: Transactions, urlOf: (log: number) => string) {
    this.transactions = transactions;
    this.#urlOf = urlOf;
  }

  /** Ends a load whose rows have all come, and answers. One that was given up meanwhile stays so. */
  settle(transaction: Transaction, request: LoadRequest, rows: RowsTaken): object {
    const { twoPhases, maxFilterRatio } = request;
    const fail = (message: string, counted?: RowsTaken) => {
      if (transaction.state === 'PREPARE') {
        transaction.state = 'ABORTED';
        transaction.reason = message;
      }
      return this.#answer(transaction, { status: 'Fail', message, twoPhases, rows: counted });
    };
    if (transaction.state !== 'PREPARE') {
      const why = transaction.reason;
      return fail(`[INTERNAL_ERROR]transaction [${transaction.id}] is already aborted: ${why}`);
    }
    if (request.tooManyVersions) return fail(TOO_MANY_VERSIONS);
    if (rows.filtered.length > maxFilterRatio * (rows.total - rows.unselected)) {
      return fail('[DATA_QUALITY_ERROR]too many filtered rows', rows);
    }
    if (rows.loadedCount === 0) return fail(NO_ROWS, rows);
    transaction.rows = rows.loaded;
    transaction.state = twoPhases ? 'PRECOMMITTED' : 'VISIBLE';
    return this.#answer(transaction, { status: 'Success', message: 'OK', twoPhases, rows });
  }

  /** The answer to a load under a label that is in use. */
  labelExists(label: string): object {
    const known = this.transactions.latest(label);
    const states: Record<string, string> = { PREPARE: 'RUNNING', PRECOMMITTED: 'PRECOMMITTED' };
    return {
      TxnId: -1,
      Label: label,
      TwoPhaseCommit: 'true',
      Status: 'Label Already Exists',
      ExistingJobStatus: states[known?.state ?? ''] ?? 'FINISHED',
      Message: `[LABEL_ALREADY_EXISTS]TStatus: errCode = 2, detailMessage = Label [${label}] has already been used, relate to txn [${known?.id}]`,
      NumberTotalRows: 0,
      NumberLoadedRows: 0,
    };
  }

  #answer(
    { id, label }: Transaction,
    given: { status: string; message: string; twoPhases: boolean; rows: RowsTaken | undefined },
  ): object {
    const { rows } = given;
    return {
      TxnId: id,
      Label: label,
      Comment: '',
      TwoPhaseCommit: String(given.twoPhases),
      Status: given.status,
      Message: given.message,
      NumberTotalRows: rows?.total ?? 0,
      NumberLoadedRows: given.status === 'Success' ? (rows?.loadedCount ?? 0) : 0,
      NumberFilteredRows: rows?.filtered.length ?? 0,
      NumberUnselectedRows: rows?.unselected ?? 0,
      LoadBytes: 0,
      LoadTimeMs: 1,
      ...(rows && rows.filtered.length > 0 ? { ErrorURL: this.#log(rows) } : {}),
    };
  }

  #log({ filtered }: RowsTaken): string {
    const lines = filtered
      .filter(({ isListed }) => isListed)
      .map(({ row, reason }) => `Reason: ${reason}. src line [${row}]; `);
    this.errorLogs.push(`${lines.join('\n')}\n`);
    return this.#urlOf(this.errorLogs.length - 1);
  }
}
