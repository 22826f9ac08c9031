import type { Clock } from '#shared/clock.ts';
import type { FunctionSettings } from './function-settings.ts';
import { InvocationFailed, type Sandbox, startSandbox } from './sandbox.ts';

/** Pauses before a process is replaced that could not be started, doubling between these. */
const FIRST_RESTART_MS = 100;
const LONGEST_RESTART_MS = 5_000;

/** The function has no room and its queue is full. */
export class FunctionThrottled extends Error {
  constructor(name: string, waiting: number) {
    super(`function ${name} is busy: ${waiting} invocations wait already`);
    this.name = 'FunctionThrottled';
  }
}

/** A process of a function. */
export interface FunctionProcess {
  readonly pid: number;
  /** Invocations that run in it. */
  readonly load: number;
}

/** A function with its processes. */
export interface FunctionPool {
  /**
   * Runs the handler and gives its answer.
   *
   * @throws {FunctionThrottled} when the queue is full
   * @throws {InvocationFailed} when the handler fails, or its process dies
   */
  invoke(event: unknown): Promise<unknown>;
  /**
   * Fire and forget: resolves as soon as the event has its place in the queue, for which it waits when
   * the queue is full. What becomes of the invocation is nobody's business here: it is not repeated.
   */
  offer(event: unknown): Promise<void>;
  /** Process ids of the processes that run now. */
  pids(): readonly number[];
  /** The same with the invocations that run in each. */
  processes(): readonly FunctionProcess[];
  /** Invocations that run or wait. */
  load(): number;
  /** Starts no more, gives what runs `graceMs` to finish, and ends all processes. */
  close(graceMs?: number): Promise<void>;
}

/** How a pool behaves beside its function's settings. */
export interface PoolOptions {
  readonly clock: Clock;
  /** Invocations that may wait. @default 1000 */
  readonly queue?: number;
  /** Told when a process ended unasked, or its replacement does not start. */
  readonly onTrouble?: (message: string) => void;
}

/**
 * Stands for a Lambda function with bounded concurrency: `processes` child processes with `invocations`
 * each. A process that dies is replaced, and its invocations are lost.
 *
 * @throws {Error} when the function does not load
 */
export async function startFunctionPool(
  settings: FunctionSettings,
  options: PoolOptions,
): Promise<FunctionPool> {
  const pool = new Pool(settings, options);
  await pool.start();
  return pool;
}

interface Waiting {
  readonly event: unknown;
  readonly resolve: (result: Promise<unknown>) => void;
  readonly reject: (error: Error) => void;
}

class Pool implements FunctionPool {
  readonly #settings: FunctionSettings;
  readonly #options: PoolOptions;
  readonly #sandboxes = new Set<Sandbox>();
  readonly #queue: Waiting[] = [];
  readonly #running = new Set<Promise<unknown>>();
  readonly #closed = new AbortController();
  #roomMade = Promise.withResolvers<void>();

  constructor(settings: FunctionSettings, options: PoolOptions) {
    this.#settings = settings;
    this.#options = options;
  }

  async start(): Promise<void> {
    const started = await Promise.allSettled(
      Array.from({ length: this.#settings.processes }, () => startSandbox(this.#settings)),
    );
    const failed = started.find((result) => result.status === 'rejected');
    for (const result of started) {
      if (result.status === 'rejected') continue;
      if (failed) await result.value.stop();
      else this.#add(result.value);
    }
    if (failed) throw failed.reason;
  }

  invoke(event: unknown): Promise<unknown> {
    if (this.#queue.length >= this.#limit()) {
      return Promise.reject(new FunctionThrottled(this.#settings.name, this.#queue.length));
    }
    return this.#enqueue(event);
  }

  async offer(event: unknown): Promise<void> {
    while (this.#queue.length >= this.#limit()) await this.#roomMade.promise;
    // The handler's error is in the function's log, and the lease is the retry.
    this.#enqueue(event).catch(() => undefined);
  }

  pids(): readonly number[] {
    return [...this.#sandboxes].map(({ pid }) => pid);
  }

  processes(): readonly FunctionProcess[] {
    return [...this.#sandboxes].map((sandbox) => ({ pid: sandbox.pid, load: sandbox.load() }));
  }

  load(): number {
    return this.#queue.length + this.#running.size;
  }

  async close(graceMs = 0): Promise<void> {
    this.#closed.abort();
    const refused = new InvocationFailed(`function ${this.#settings.name} is closed`);
    for (const { reject } of this.#queue.splice(0)) reject(refused);
    this.#makeRoom();
    const timer = new AbortController();
    await Promise.race([
      Promise.allSettled([...this.#running]),
      this.#options.clock.sleep(graceMs, timer.signal).catch(() => undefined),
    ]);
    timer.abort();
    await Promise.all([...this.#sandboxes].map((sandbox) => sandbox.stop()));
  }

  #limit(): number {
    return this.#options.queue ?? 1_000;
  }

  #enqueue(event: unknown): Promise<unknown> {
    if (this.#closed.signal.aborted) {
      return Promise.reject(new InvocationFailed(`function ${this.#settings.name} is closed`));
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ event, resolve, reject });
      this.#dispatch();
    });
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const sandbox = this.#freest();
      const next = sandbox && this.#queue.shift();
      if (!next) return;
      const result = sandbox.invoke(next.event);
      this.#running.add(result);
      next.resolve(result);
      void result
        .catch(() => undefined)
        .then(() => {
          this.#running.delete(result);
          this.#dispatch();
        });
      this.#makeRoom();
    }
  }

  #freest(): Sandbox | undefined {
    let freest: Sandbox | undefined;
    for (const sandbox of this.#sandboxes) {
      if (sandbox.load() >= this.#settings.invocations) continue;
      if (!freest || sandbox.load() < freest.load()) freest = sandbox;
    }
    return freest;
  }

  #makeRoom(): void {
    this.#roomMade.resolve();
    this.#roomMade = Promise.withResolvers();
  }

  #add(sandbox: Sandbox): void {
    this.#sandboxes.add(sandbox);
    void sandbox.ended.then(() => this.#replace(sandbox));
    this.#dispatch();
  }

  async #replace(dead: Sandbox): Promise<void> {
    this.#sandboxes.delete(dead);
    if (this.#closed.signal.aborted) return;
    this.#options.onTrouble?.(
      `process ${dead.pid} of function ${this.#settings.name} ended; it is being replaced`,
    );
    let pauseMs = FIRST_RESTART_MS;
    while (!this.#closed.signal.aborted) {
      try {
        const sandbox = await startSandbox(this.#settings);
        if (this.#closed.signal.aborted) await sandbox.stop();
        else this.#add(sandbox);
        return;
      } catch (error) {
        this.#options.onTrouble?.(String(error));
        await this.#options.clock.sleep(pauseMs, this.#closed.signal).catch(() => undefined);
        pauseMs = Math.min(pauseMs * 2, LONGEST_RESTART_MS);
      }
    }
  }
}
