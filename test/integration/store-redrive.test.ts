import { describeRedriving } from '../support/suites/redrive-store.ts';
import { freshTables } from '../support/tables.ts';

describeRedriving('DynamoDB Local', async () => (await freshTables()).tables);
