import { makeMemoryTables } from '../../../support/memory-tables.ts';
import { describeRedriving } from '../../../support/suites/redrive-store.ts';

describeRedriving('in memory', async () => makeMemoryTables());
