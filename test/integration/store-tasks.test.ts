import { describeTaskStore } from '../support/suites/task-store.ts';
import { freshTables } from '../support/tables.ts';

describeTaskStore('DynamoDB Local', async () => (await freshTables()).tables);
