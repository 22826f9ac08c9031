import { makeMemoryTables } from '../../../support/memory-tables.ts';
import { describeLeftAttempts } from '../../../support/suites/left-attempts.ts';

describeLeftAttempts('in memory', async () => makeMemoryTables());
