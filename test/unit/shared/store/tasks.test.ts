import { makeMemoryTables } from '../../../support/memory-tables.ts';
import { describeTaskStore } from '../../../support/store-tasks-suite.ts';

describeTaskStore('in memory', async () => makeMemoryTables());
