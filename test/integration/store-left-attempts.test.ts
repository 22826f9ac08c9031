import { describeLeftAttempts } from '../support/suites/left-attempts.ts';
import { freshTables } from '../support/tables.ts';

describeLeftAttempts('DynamoDB Local', async () => (await freshTables()).tables);
