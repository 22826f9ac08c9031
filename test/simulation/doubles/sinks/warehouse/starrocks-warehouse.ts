import { TransactionSteps } from '../../../../support/starrocks/transaction-steps.ts';
import { takeRows } from '../../../../support/warehouse/rows-taken.ts';
import type { Transactions } from '../../../../support/warehouse/transactions.ts';
import { labelAsked, type Oddities, type Warehouse } from './warehouse.ts';

const TABLE = 'rows';

/** The state machine of the protocol double that the tests over HTTP have, asked directly. */
export function starrocksWarehouse(transactions: Transactions, odd: Oddities): Warehouse {
  const steps = new TransactionSteps(transactions, () => '');

  function step(path: string, label: string): object {
    switch (path.split('/').at(-1)) {
      case 'begin':
        return steps.begin(label, TABLE);
      case 'prepare':
        return steps.prepare(label);
      case 'commit': {
        if (odd.refuses()) return { Status: 'FAILED', Message: 'commit timeout' };
        const isFirst = transactions.latest(label)?.state === 'PRECOMMITTED';
        return steps.commit(label, { publishTimeout: isFirst && odd.isSlowToPublish() });
      }
      default:
        return steps.rollback(label);
    }
  }

  return {
    ask({ path, headers }) {
      const label = labelAsked(path);
      if (label === undefined) return step(path, headers.label ?? '');
      return { state: steps.stateOf(label), status: 'OK', msg: 'Success' };
    },

    load({ headers: { label = '' } }) {
      return {
        early: steps.loadFault(label),
        finish: (body) =>
          steps.load(label, takeRows(body, 'json', {}), { tooManyVersions: odd.refuses() }),
        breakOff: () => {},
      };
    },

    target({ path, headers: { label = '' } }) {
      const what = { commit: 'commit', rollback: 'abort' } as const;
      const asked = what[path.split('/').at(-1) as keyof typeof what];
      const of = transactions.latest(label);
      return of && asked ? { what: asked, of } : undefined;
    },
  };
}
