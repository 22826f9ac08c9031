import type { Transaction, Transactions } from '../warehouse/transactions.ts';

/** `_stream_load_2pc` in the words of several versions. */

/**
 * `new`: codes and `TStatus:`; `old`: neither; `capital`: keys and states as some builds between wrote them.
 */
export type TextStyle = 'new' | 'old' | 'capital';

export interface TwoPhaseRequest {
  readonly operation: string | undefined;
  readonly id: string | undefined;
  readonly label: string | undefined;
  readonly publishTimeout: boolean;
}

/** Commits or aborts, and answers. */
export function answerTwoPhase(
  transactions: Transactions,
  style: TextStyle,
  request: TwoPhaseRequest,
): object {
  const { operation, id, label } = request;
  const fail = (text: string) => failure(style, text);
  if (operation !== 'commit' && operation !== 'abort') {
    return fail("transaction operation should be 'commit' or 'abort'");
  }
  const found = find(transactions, request);
  if (!found) {
    if (id === undefined) return fail(`transaction not found, label=${label}`);
    return fail(`transaction [${id}] not found${style === 'old' ? '.' : ''}`);
  }
  const fault = operation === 'commit' ? commitFault(found, style) : abortFault(found, style);
  if (fault !== undefined) return fail(fault);
  found.state = operation === 'commit' ? 'VISIBLE' : 'ABORTED';
  found.reason = operation === 'abort' ? 'User Abort' : '';
  if (request.publishTimeout) {
    return {
      status: 'PUBLISH_TIMEOUT',
      msg: 'transaction commit successfully, BUT data will be visible later',
    };
  }
  const named = `${label === undefined ? '' : `label [${label}] `}${id === undefined ? '' : `transaction [${id}] `}`;
  return keys(style, 'Success', `${named}${operation} successfully.`);
}

/** By label a commit looks at pre-committed ones only, an abort also at those that are loading. */
function find(transactions: Transactions, { id, label, operation }: TwoPhaseRequest) {
  if (id !== undefined) return transactions.byId(id);
  const latest = transactions.latest(label ?? '');
  if (operation === 'abort') return latest;
  return latest?.state === 'PRECOMMITTED' ? latest : undefined;
}

function commitFault({ id, state, reason }: Transaction, style: TextStyle): string | undefined {
  const shown = style === 'capital' ? state : state.toLowerCase();
  switch (state) {
    case 'VISIBLE':
    case 'COMMITTED':
      return `transaction [${id}] is already ${shown}, not pre-committed.`;
    case 'ABORTED':
      return `transaction [${id}] is already aborted. abort reason: ${reason}`;
    case 'PREPARE':
      return `transaction [${id}] is ${shown}, not pre-committed.`;
    case 'PRECOMMITTED':
      return undefined;
  }
}

function abortFault({ id, state, reason }: Transaction, style: TextStyle): string | undefined {
  if (state === 'ABORTED') return `transaction [${id}] is already aborted. abort reason: ${reason}`;
  if (state !== 'VISIBLE' && state !== 'COMMITTED') return undefined;
  const shown = style === 'old' ? state.toLowerCase() : state;
  return `transaction [${id}] is already ${shown}, could not abort.`;
}

function failure(style: TextStyle, text: string): object {
  const detail = `errCode = 2, detailMessage = ${text}`;
  return style === 'new'
    ? { status: 'ANALYSIS_ERROR', msg: `TStatus: ${detail}` }
    : keys(style, 'Fail', detail);
}

function keys(style: TextStyle, status: string, msg: string): object {
  return style === 'capital' ? { Status: status, Message: msg } : { status, msg };
}
