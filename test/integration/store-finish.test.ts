import { describeFinishing } from '../support/store-finish-suite.ts';
import { freshTables } from '../support/tables.ts';

describeFinishing('DynamoDB Local', async () => (await freshTables()).tables);
