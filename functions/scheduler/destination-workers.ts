import type { Job } from '#shared/domain/job.ts';
import { askAliveWorkers } from '#shared/warehouse/alive-workers.ts';
import type { Outbound } from '#shared/warehouse/outbound.ts';

/** A cycle visits many jobs: a destination that is slow to say how it is may not hold up the others. */
const PATIENCE_MS = 5_000;

/**
 * Counts the workers of a job's destination that are alive; undefined for one without workers.
 *
 * @throws {LoadFailure} (the function it returns) SINK_UNREACHABLE, SINK_REJECTED
 */
export function destinationWorkers(outbound: Outbound): (job: Job) => Promise<number | undefined> {
  const requestTimeoutMs = Math.min(outbound.requestTimeoutMs, PATIENCE_MS);
  return async ({ spec }) => {
    const warehouse = spec.destination.doris ?? spec.destination.starrocks;
    return warehouse && askAliveWorkers({ ...outbound, requestTimeoutMs }, warehouse);
  };
}
