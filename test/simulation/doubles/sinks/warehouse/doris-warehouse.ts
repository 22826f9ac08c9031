import { StreamLoads } from '../../../../support/doris/stream-loads.ts';
import { answerTwoPhase } from '../../../../support/doris/two-phase-texts.ts';
import { takeRows } from '../../../../support/warehouse/rows-taken.ts';
import type { Transactions } from '../../../../support/warehouse/transactions.ts';
import { labelAsked, type Oddities, type OpenLoad, type Warehouse } from './warehouse.ts';

const TABLE = 'rows';

/** The state machine of the protocol double that the tests over HTTP have, asked directly. */
export function dorisWarehouse(transactions: Transactions, odd: Oddities): Warehouse {
  const loads = new StreamLoads(transactions, () => '');

  function twoPhase(headers: Readonly<Record<string, string>>): object {
    const { txn_operation: operation, txn_id: id, label } = headers;
    if (operation === 'commit' && odd.refuses()) {
      // A frontend that has not heard of the transaction yet.
      const msg = `TStatus: errCode = 2, detailMessage = transaction [${id}] not found`;
      return { status: 'ANALYSIS_ERROR', msg };
    }
    return answerTwoPhase(transactions, 'new', {
      operation,
      id,
      label,
      publishTimeout: odd.isSlowToPublish(),
    });
  }

  return {
    ask({ path, headers }) {
      const label = labelAsked(path);
      if (label === undefined) return twoPhase(headers);
      return { msg: 'success', code: 0, data: transactions.latest(label)?.state ?? 'UNKNOWN' };
    },

    load({ headers }): OpenLoad {
      const { label = '', two_phase_commit: twoPhases } = headers;
      const begun = transactions.begin(label, TABLE);
      if (begun === 'label-exists') {
        const early = loads.labelExists(label);
        return { early, finish: () => early, breakOff: () => {} };
      }
      return {
        early: undefined,
        finish: (body) =>
          loads.settle(
            begun,
            {
              twoPhases: twoPhases === 'true',
              maxFilterRatio: 1,
              tooManyVersions: odd.refuses(),
            },
            takeRows(body, 'json', {}),
          ),
        breakOff() {
          if (begun.state !== 'PREPARE') return;
          begun.state = 'ABORTED';
          begun.reason = 'cancelled: sender is gone';
        },
      };
    },

    target({ headers }) {
      const { txn_operation: operation, txn_id: id, label = '' } = headers;
      const of = id === undefined ? transactions.latest(label) : transactions.byId(id);
      const isChange = operation === 'commit' || operation === 'abort';
      return of && isChange ? { what: operation, of } : undefined;
    },
  };
}
