import { makeMemoryTables } from '../../../support/memory-tables.ts';
import { describePreviewStore } from '../../../support/suites/preview-store.ts';

describePreviewStore('in memory', async () => makeMemoryTables());
