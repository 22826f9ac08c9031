import { freshTables } from '../support/tables.ts';
import { describeTablesContract } from '../support/tables-contract.ts';

describeTablesContract('DynamoDB Local', async () => (await freshTables()).tables);
