import { describeRedriving } from '../support/store-redrive-suite.ts';
import { freshTables } from '../support/tables.ts';

describeRedriving('DynamoDB Local', async () => (await freshTables()).tables);
