/** What a part of a trace is searched for by. */
export type Annotations = Readonly<Record<string, string | number>>;

/** Takes the time of work, as part of whatever this trace belongs to. */
export interface Trace {
  /**
   * Runs `work` and notes how long it took and whether it failed; what `work` traces by the trace that it is
   * given lies inside. Its result and its errors pass through. Tracing itself never fails.
   */
  span<T>(name: string, work: (inside: Trace) => Promise<T>, annotations?: Annotations): Promise<T>;
}

/** Notes nothing: where nobody looks at traces, and in invocations that are not sampled. */
export const NO_TRACE: Trace = { span: (_name, work) => work(NO_TRACE) };
