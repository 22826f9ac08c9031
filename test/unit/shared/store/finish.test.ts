import { makeMemoryTables } from '../../../support/memory-tables.ts';
import { describeFinishing } from '../../../support/store-finish-suite.ts';

describeFinishing('in memory', async () => makeMemoryTables());
