import { makeMemoryTables } from '../../../support/memory-tables.ts';
import { describeInferredTypes } from '../../../support/suites/inferred-types.ts';

describeInferredTypes('in memory', async () => makeMemoryTables());
