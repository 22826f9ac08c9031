import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Usage } from '#shared/store/counted-client.ts';
import { PROJECT_ROOT } from '../infra/bundle/project-root.ts';

/** What the cost model reads; the file is committed, so that what it says is of the code beside it. */
const FILE = join(PROJECT_ROOT, 'infra/cost/measured.json');

/** What the store was used for: a chain of tasks, and some cycles without and with one idle job. */
export interface StoreUsage {
  readonly tasks: number;
  readonly ofTasks: Usage;
  readonly cycles: number;
  readonly without: Usage;
  readonly idle: Usage;
}

const tenths = (value: number) => Math.round(value * 10) / 10;

/** Writes the units of one task and of one idle job in one cycle, and the calls of a cycle. */
export function keepMeasured({ tasks, ofTasks, cycles, without, idle }: StoreUsage): void {
  const measured = {
    writeUnitsPerTask: tenths(ofTasks.writeUnits / tasks),
    readUnitsPerTask: tenths(ofTasks.readUnits / tasks),
    // Their number: DynamoDB Local counts nothing for a query that finds nothing, DynamoDB does.
    callsPerCycle: tenths(without.calls / cycles),
    readUnitsPerIdleJob: tenths((idle.readUnits - without.readUnits) / cycles),
  };
  writeFileSync(FILE, `${JSON.stringify(measured, null, 2)}\n`);
}
