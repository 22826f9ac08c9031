import { makeMemoryTables } from '../../../support/memory-tables.ts';
import { describeFinishing } from '../../../support/suites/task-end.ts';

describeFinishing('in memory', async () => makeMemoryTables());
