import { makeMemoryTables } from '../../../support/memory-tables.ts';
import { describeJobStore } from '../../../support/store-jobs-suite.ts';

describeJobStore('in memory', async () => makeMemoryTables());
