import type { CommitOutcome } from '../sink.ts';
import { refusedLoad } from './load-failure.ts';
import { askLabelState, isFinished } from './load-state.ts';
import type { WarehouseLink } from './warehouse-link.ts';

/** A transaction that is prepared, as both systems' handles name it. */
export interface PreparedTransaction {
  readonly database: string;
  readonly label: string;
  readonly txn: string;
}

/**
 * A commit that the destination did not do, for a reason that leaves the transaction as it was.
 *
 * @throws {LoadFailure} SINK_AUTH_FAILED or SINK_THROTTLED, which say more than "later"
 */
export function refusedCommit(message: string): CommitOutcome {
  const failure = refusedLoad(message);
  if (failure.code === 'SINK_AUTH_FAILED' || failure.code === 'SINK_THROTTLED') throw failure;
  return { kind: 'retry-later', message: failure.message };
}

/**
 * A decided transaction that the destination calls aborted, or does not know any more: its label has the last
 * word. Whatever is not known to be visible is in doubt; nothing is loaded again.
 *
 * @throws {LoadFailure} when the destination cannot be asked
 */
export async function fateByLabel(
  { database, label, txn }: PreparedTransaction,
  answer: { readonly kind: 'aborted-before' | 'unknown'; readonly message: string },
  link: WarehouseLink,
): Promise<CommitOutcome> {
  const state = await askLabelState(link, { database, label });
  if (isFinished(state)) return { kind: 'already-committed' };
  const where = `transaction ${txn}, label ${label}, database ${database}`;
  if (state === 'PRECOMMITTED' || state === 'PREPARED') {
    return { kind: 'retry-later', message: `${where} is not committed yet: ${answer.message}` };
  }
  const fate =
    answer.kind === 'aborted-before' || state === 'ABORTED'
      ? 'was aborted after it was decided, so its rows are not in the table'
      : 'is forgotten, so nobody knows whether its rows are in the table';
  return { kind: 'in-doubt', message: `${where} ${fate}: ${answer.message}` };
}
