import { makeMemoryTables } from '../../../support/memory-tables.ts';
import { describeTaskStore } from '../../../support/suites/task-store.ts';

describeTaskStore('in memory', async () => makeMemoryTables());
