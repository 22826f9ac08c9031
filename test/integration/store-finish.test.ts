import { describeFinishing } from '../support/suites/task-end.ts';
import { freshTables } from '../support/tables.ts';

describeFinishing('DynamoDB Local', async () => (await freshTables()).tables);
