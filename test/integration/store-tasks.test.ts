import { describeTaskStore } from '../support/store-tasks-suite.ts';
import { freshTables } from '../support/tables.ts';

describeTaskStore('DynamoDB Local', async () => (await freshTables()).tables);
