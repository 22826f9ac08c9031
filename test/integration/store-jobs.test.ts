import { describeJobStore } from '../support/store-jobs-suite.ts';
import { freshTables } from '../support/tables.ts';

describeJobStore('DynamoDB Local', async () => (await freshTables()).tables);
