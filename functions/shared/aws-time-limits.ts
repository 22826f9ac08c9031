/** How long a client of AWS waits for its service; ms. */
interface TimeLimits {
  readonly connectMs: number;
  /** For an answer to begin, and for each further piece of it. */
  readonly requestMs: number;
}

/**
 * Time limits as the AWS SDK's request handler takes them. On its own it only warns of a request that takes longer, and
 * waits on: a service that accepts connections and says nothing would keep a function until its end.
 */
export function awsTimeLimits({ connectMs, requestMs }: TimeLimits) {
  return {
    connectionTimeout: connectMs,
    requestTimeout: requestMs,
    throwOnRequestTimeout: true,
    socketTimeout: requestMs,
  } as const;
}
