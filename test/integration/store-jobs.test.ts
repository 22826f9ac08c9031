import { describeJobStore } from '../support/suites/job-store.ts';
import { freshTables } from '../support/tables.ts';

describeJobStore('DynamoDB Local', async () => (await freshTables()).tables);
