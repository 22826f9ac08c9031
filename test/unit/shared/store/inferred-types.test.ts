import { makeMemoryTables } from '../../../support/memory-tables.ts';
import { describeInferredTypes } from '../../../support/store-types-suite.ts';

describeInferredTypes('in memory', async () => makeMemoryTables());
