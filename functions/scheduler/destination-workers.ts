import type { Job } from '#shared/domain/job.ts';
import { remembered } from '#shared/kafka/remembered.ts';
import { askAliveWorkers } from '#shared/warehouse/alive-workers.ts';
import type { Outbound } from '#shared/warehouse/outbound.ts';

/** A cycle visits many jobs: a destination that is slow to say how it is may not hold up the others. */
const PATIENCE_MS = 5_000;

/** Jobs of one destination share its answer within a cycle. */
const KEEP_MS = 10_000;

/**
 * Counts the workers of a job's destination that are alive; undefined for one without workers.
 *
 * @throws {LoadFailure} (the function it returns) SINK_UNREACHABLE, SINK_REJECTED
 */
export function destinationWorkers(outbound: Outbound): (job: Job) => Promise<number | undefined> {
  const requestTimeoutMs = Math.min(outbound.requestTimeoutMs, PATIENCE_MS);
  const answers = remembered(
    (address) => askAliveWorkers({ ...outbound, requestTimeoutMs }, JSON.parse(address)),
    { keepMs: KEEP_MS, clock: outbound.clock },
  );
  return async ({ spec }) => {
    const warehouse = spec.destination.doris ?? spec.destination.starrocks;
    if (!warehouse) return undefined;
    const { frontends, tls } = warehouse;
    return answers.get(JSON.stringify({ frontends, tls }));
  };
}
