import { asLoadFailure, LoadFailure } from '#shared/domain/failure.ts';
import type { Job } from '#shared/domain/job.ts';
import type { DorisDestination } from '#shared/domain/spec/doris-destination.ts';
import { type Remembered, remembered } from '#shared/kafka/remembered.ts';
import type { Login } from '#shared/kafka/secrets.ts';
import { askAliveWorkers } from '#shared/warehouse/alive-workers.ts';
import type { Outbound } from '#shared/warehouse/outbound.ts';
import { within } from '#shared/within.ts';

/**
 * A cycle visits many jobs: a destination that is slow to say how it is may not hold up the others. Its frontends are
 * asked in turn, each for so long, and all together for so long.
 */
const PATIENCE_MS = 2_000;
const WHOLE_PATIENCE_MS = 6_000;

/** Jobs of one destination share its answer within a cycle, and its silence. */
const KEEP_MS = 10_000;

/**
 * Counts the workers of a job's destination that are alive; undefined for one without workers.
 *
 * Nothing of a login is sent; where it is TLS, its secret may say whom to trust.
 *
 * @throws {LoadFailure} (the function it returns) SINK_UNREACHABLE, SINK_REJECTED, SECRET_UNAVAILABLE, SECRET_UNUSABLE
 */
export function destinationWorkers(
  outbound: Outbound,
  logins: Remembered<Login>,
): (job: Job) => Promise<number | undefined> {
  const hasty: Outbound = {
    ...outbound,
    connectTimeoutMs: Math.min(outbound.connectTimeoutMs, PATIENCE_MS),
    requestTimeoutMs: Math.min(outbound.requestTimeoutMs, PATIENCE_MS),
  };
  const answers = remembered((address) => ask(hasty, logins, JSON.parse(address)), {
    keepMs: KEEP_MS,
    clock: outbound.clock,
  });
  return async ({ spec }) => {
    const warehouse = spec.destination.doris ?? spec.destination.starrocks;
    if (!warehouse) return undefined;
    const { frontends, tls, secretArn } = warehouse;
    const answer = await answers.get(JSON.stringify({ frontends, tls, secretArn }));
    if (answer instanceof LoadFailure) throw answer;
    return answer;
  };
}

type Warehouse = Pick<DorisDestination, 'frontends' | 'tls' | 'secretArn'>;

/** A failure is an answer here, so that it is remembered: else each job of a dead destination would wait anew. */
async function ask(
  outbound: Outbound,
  logins: Remembered<Login>,
  { frontends, tls, secretArn }: Warehouse,
): Promise<number | undefined | LoadFailure> {
  const late = () =>
    new LoadFailure(
      'SINK_UNREACHABLE',
      `one of the frontends must answer within ${WHOLE_PATIENCE_MS} ms, none does`,
    );
  try {
    const { ca } = tls === false ? {} : await logins.get(secretArn);
    const asked = askAliveWorkers(outbound, { frontends, tls, ca });
    return await within(asked, WHOLE_PATIENCE_MS, { clock: outbound.clock, late });
  } catch (error) {
    return asLoadFailure(error);
  }
}
