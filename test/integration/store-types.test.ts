import { describeInferredTypes } from '../support/suites/inferred-types.ts';
import { freshTables } from '../support/tables.ts';

describeInferredTypes('DynamoDB Local', async () => (await freshTables()).tables);
