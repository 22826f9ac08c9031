/** A Lambda function as the local stand-in runs it. */
export interface FunctionSettings {
  readonly name: string;
  /** URL of the module that exports `handler`. */
  readonly handler: URL;
  /** What the function sees of the environment besides what every Lambda function has. */
  readonly environment: Readonly<Record<string, string>>;
  /** Child processes. */
  readonly processes: number;
  /** Invocations at once in each of them. On Lambda it is one; here a process is dear. */
  readonly invocations: number;
  /** An invocation that takes longer loses its process, as on Lambda. */
  readonly timeoutMs: number;
  /** Where the function's output goes; appended. */
  readonly logFile: string;
}

/** From the pool to a child process. `deadline` is epoch ms. */
export interface InvokeMessage {
  readonly requestId: string;
  readonly event: unknown;
  readonly deadline: number;
}

/** From a child process to the pool. */
export type SandboxMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'result'; readonly requestId: string; readonly result?: unknown }
  | { readonly kind: 'error'; readonly requestId: string; readonly message: string };
