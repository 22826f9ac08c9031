import { makeMemoryTables } from '../../../support/memory-tables.ts';
import { describeJobStore } from '../../../support/suites/job-store.ts';

describeJobStore('in memory', async () => makeMemoryTables());
