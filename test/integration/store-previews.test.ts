import { describePreviewStore } from '../support/suites/preview-store.ts';
import { freshTables } from '../support/tables.ts';

describePreviewStore('DynamoDB Local', async () => (await freshTables()).tables);
