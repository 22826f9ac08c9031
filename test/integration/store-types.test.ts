import { describeInferredTypes } from '../support/store-types-suite.ts';
import { freshTables } from '../support/tables.ts';

describeInferredTypes('DynamoDB Local', async () => (await freshTables()).tables);
