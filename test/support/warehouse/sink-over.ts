import { sinkOf } from '../../../functions/loader/sink-of.ts';
import type { Sink } from '../../../functions/loader/sinks/sink.ts';
import { allowedHosts } from '../../../functions/shared/allowed-hosts.ts';
import { systemClock } from '../../../functions/shared/clock.ts';
import { type JobSpecInput, jobSpec } from '../../../functions/shared/domain/job-spec.ts';
import type { Login } from '../../../functions/shared/kafka/secrets.ts';

/** Sinks over the doubles, with what a test wants to be different. */

export const SECRET = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:warehouse';

export interface SinkOver {
  readonly login: { readonly user: string; readonly password: string };
  readonly destination: JobSpecInput['destination'];
  readonly more?: Partial<JobSpecInput>;
  /** Patterns. @default 127.0.0.1 */
  readonly allowed?: readonly string[];
  /** Logins as the secret holds them, one after the other; the last one stays. */
  readonly logins?: readonly Login[];
  readonly requestTimeoutMs?: number;
}

/** A secret's logins in memory, as the loader remembers them. */
export function loginsOf(logins: readonly Login[]) {
  let at = 0;
  return {
    get: async () => logins[at] as Login,
    drop: () => {
      at = Math.min(at + 1, logins.length - 1);
    },
  };
}

/** The sink of a job with that destination. */
export function sinkOver(given: SinkOver): Sink {
  const { user, password } = given.login;
  const spec = jobSpec.parse({
    name: 'flights',
    source: { kafka: { brokers: ['127.0.0.1:9092'], topic: 'flights' } },
    ...given.more,
    destination: given.destination,
  });
  const sink = sinkOf({ spec } as Parameters<typeof sinkOf>[0], {
    fileDirectories: undefined,
    outbound: {
      allowed: allowedHosts(given.allowed ?? ['127.0.0.1'], 'destinations'),
      clock: systemClock,
      connectTimeoutMs: 1_000,
      requestTimeoutMs: given.requestTimeoutMs ?? 5_000,
    },
    logins: loginsOf(given.logins ?? [{ username: user, password }]),
    tokens: { get: async () => 'none', drop: () => {} },
    s3Client: () => {
      throw new Error('no S3 here');
    },
    newToken: () => 'token',
    clock: systemClock,
  });
  if (sink instanceof Promise) throw new Error('a sink of warehouses is made at once');
  return sink;
}
