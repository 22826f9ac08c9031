import { describe } from 'vitest';
import type { MakeTables } from './make-tables.ts';
import { describeConditions } from './tables-contract/conditions.ts';
import { describeIndexes } from './tables-contract/indexes.ts';
import { describeLimits } from './tables-contract/limits.ts';
import { describeQueries } from './tables-contract/queries.ts';
import { describeTransactions } from './tables-contract/transactions.ts';
import { describeUpdates } from './tables-contract/updates.ts';

/**
 * What every implementation of {@link Tables} must do, as one suite.
 *
 * @param make new and empty tables for every test
 */
export function describeTablesContract(name: string, make: MakeTables): void {
  describe(`the tables' contract: ${name}`, () => {
    describeConditions(make);
    describeUpdates(make);
    describeTransactions(make);
    describeQueries(make);
    describeIndexes(make);
    describeLimits(make);
  });
}
