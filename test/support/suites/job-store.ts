import { describe } from 'vitest';
import { describeFinding } from './job-store/finding.ts';
import { describeInserting } from './job-store/inserting.ts';
import { describeReplacing } from './job-store/replacing.ts';
import type { MakeTables } from './make-tables.ts';

/**
 * What the store promises about jobs, on any tables.
 *
 * @param make new and empty tables for every test
 */
export function describeJobStore(name: string, make: MakeTables): void {
  describe(`jobs in the store: ${name}`, () => {
    describeInserting(make);
    describeReplacing(make);
    describeFinding(make);
  });
}
