import { makeMemoryTables } from '../../../support/memory-tables.ts';
import { describeTablesContract } from '../../../support/tables-contract.ts';

describeTablesContract('in memory', async () => makeMemoryTables());
