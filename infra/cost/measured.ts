import { readFileSync } from 'node:fs';
import * as z from 'zod';

const measured = z.strictObject({
  /** DynamoDB's units of a task that follows another in a warm loader. */
  writeUnitsPerTask: z.number(),
  readUnitsPerTask: z.number(),
  /** Requests of a cycle for its work lists, without any job. */
  callsPerCycle: z.number(),
  /** What a cycle reads of a job that is idle: the job and its lanes. */
  readUnitsPerIdleJob: z.number(),
});

/** What `npm run bench` found out last, on DynamoDB Local: it writes the file. */
export const MEASURED = measured.parse(
  JSON.parse(readFileSync(new URL('./measured.json', import.meta.url), 'utf8')),
);
