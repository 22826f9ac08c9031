import * as z from 'zod';
import { MEASURED } from './measured.ts';

const share = z.coerce.number().min(0).max(1);
const positive = z.coerce.number('must be a number above 0').positive('must be a number above 0');
const count = z.coerce.number().int().min(0);

/** What is loaded and how: everything that a cost depends on, with what is usual. */
export const load = z.strictObject({
  /** Of record values, before Kafka's compression. */
  gbPerDay: positive,
  jobs: count.default(1),
  /** Of them, without new records. */
  idleJobs: count.default(0),
  /** Of one loader. `npm run bench` measures more on one machine; Lambda's network gives about 75 on the wire. */
  mbPerSecond: positive.default(40),
  /** Of one task: what comes in a batch interval, or `batch.maxBytes`. */
  mbPerTask: positive.default(256),
  /** DynamoDB units of a task, as `npm run bench` measures them. */
  writeUnitsPerTask: positive.default(MEASURED.writeUnitsPerTask),
  readUnitsPerTask: positive.default(MEASURED.readUnitsPerTask),
  readUnitsPerIdleJob: positive.default(MEASURED.readUnitsPerIdleJob),
  /** Tasks that the stream starts; the others follow in a warm loader. */
  dispatchedShare: share.default(0.1),
  /** Bytes on the wire for a byte of values: what the producers' compression leaves. */
  wireRatio: share.default(1),
  /** Of the bytes, read from a broker in another zone: 0 with rack-aware reading, else 2 of 3. */
  crossZoneShare: share.default(0),
  destination: z.enum(['s3', 'doris', 'file']).default('s3'),
  /** Of the bytes, written to a backend in another zone. Doris only. */
  sinkCrossZoneShare: share.default(0.67),
  /** What the way to S3 costs by the GB. */
  s3Way: z.enum(['gateway', 'endpoint', 'nat']).default('gateway'),
  mbPerPart: positive.default(64),
  /** Zones with an interface endpoint, and how many endpoints. */
  zones: count.default(2),
  interfaceEndpoints: count.default(1),
  kbOfLogsPerTask: positive.default(1),
  memoryMb: positive.default(1_769),
  metricsPerJob: z.stringbool().or(z.boolean()).default(false),
});

/** See {@link load}. */
export type Load = z.infer<typeof load>;
