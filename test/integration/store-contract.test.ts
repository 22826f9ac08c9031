import { describeTablesContract } from '../support/suites/tables-contract.ts';
import { freshTables } from '../support/tables.ts';

describeTablesContract('DynamoDB Local', async () => (await freshTables()).tables);
