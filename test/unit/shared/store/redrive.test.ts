import { makeMemoryTables } from '../../../support/memory-tables.ts';
import { describeRedriving } from '../../../support/store-redrive-suite.ts';

describeRedriving('in memory', async () => makeMemoryTables());
