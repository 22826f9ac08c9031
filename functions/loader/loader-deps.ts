import type { Clock } from '#shared/clock.ts';
import type { Job } from '#shared/domain/job.ts';
import type { Meter } from '#shared/observe/meter.ts';
import type { Trace } from '#shared/observe/trace.ts';
import type { Usage } from '#shared/store/counted-client.ts';
import type { Tables } from '#shared/store/tables.ts';
import type { Sink } from './sinks/sink.ts';
import type { Stage } from './stage.ts';

/** What money is paid for: the function's time, and DynamoDB. */
export interface Spent extends Usage {
  readonly gbSeconds: number;
}

/** What the task protocol needs. Times in ms. */
export interface LoaderDeps {
  readonly tables: Tables;
  readonly stage: Stage;
  /** The sink of a job's destination. @throws {LoadFailure} when the destination is not to be had */
  readonly sinkOf: (job: Job) => Promise<Sink> | Sink;
  readonly clock: Clock;
  /** Gives ULIDs. */
  readonly newId: () => string;
  readonly settings: {
    readonly leaseMs: number;
    readonly deadlineMarginMs: number;
    /** After this nothing that an attempt of an earlier time prepares can still come. */
    readonly loaderLifeMs: number;
    readonly maxTaskFailures: number;
    readonly retentionDays: number;
    readonly maxBatchRows: number;
    readonly maxBatchBytes: number;
  };
  /** Absent where nobody measures. */
  readonly meter?: Meter;
  /** What this invocation has spent since it was last asked. */
  readonly spent?: () => Spent;
  readonly trace?: Trace;
  readonly log: (message: string, facts: Readonly<Record<string, unknown>>) => void;
}
