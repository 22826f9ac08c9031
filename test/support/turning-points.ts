import type { Sink, SinkWriter } from '../../functions/loader/sinks/sink.ts';
import type { Tables } from '../../functions/shared/store/tables.ts';

/**
 * The moments of a process at which something outside of it changes: before and after every write to the store and
 * every step of a sink. At one of them it can be made to die, or to stand still for as long as a test likes.
 */

/** Thrown at the point of death, and by everything that the dead process still tries. */
class Died extends Error {
  constructor() {
    super('injected: the process died');
    this.name = 'Died';
  }
}

/** What befalls the process at its chosen point. */
export interface Fate {
  /** Counts from 0 over all points. */
  readonly at: number;
  /** `dies`: nothing that it does from then on has an effect. A promise: it goes on when that resolves. */
  readonly what: 'dies' | Promise<void>;
}

/** One process' way past its points. */
export class TurningPoints {
  /** Names of the points passed so far, e.g. `before write of DONE`. */
  readonly passed: string[] = [];
  /** Resolves when the chosen point is reached. */
  readonly reached: Promise<void>;
  readonly #fate: Fate | undefined;
  readonly #tellReached: () => void;
  #isDead = false;

  constructor(fate?: Fate) {
    this.#fate = fate;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.reached = promise;
    this.#tellReached = resolve;
  }

  /** The same tables, with points around every write. */
  around(tables: Tables): Tables {
    return {
      ...tables,
      get: (key) => this.#alive(() => tables.get(key)),
      query: (...question) => this.#alive(() => tables.query(...question)),
      queryIndex: (...question) => this.#alive(() => tables.queryIndex(...question)),
      write: (write) => this.#effect(`write to ${write.key.table}`, () => tables.write(write)),
      transact: (writes, token) =>
        this.#effect(`transaction of ${writes.length}`, () => tables.transact(writes, token)),
    };
  }

  /** The same sink, with points around every step that changes something. */
  aroundSink(sink: Sink): Sink {
    return {
      ...sink,
      open: async (...attempt) => {
        await this.#pass('before open');
        const writer = this.#aroundWriter(await sink.open(...attempt));
        await this.#pass('after open').catch(async (died: unknown) => {
          await writer.discard();
          throw died;
        });
        return writer;
      },
      commit: (handle) => this.#effect('commit', () => sink.commit(handle)),
      abort: (label) => this.#effect('abort', () => sink.abort(label)),
      ...(sink.sweep && { sweep: (...job) => this.#alive(async () => sink.sweep?.(...job) ?? 0) }),
    };
  }

  #aroundWriter(writer: SinkWriter): SinkWriter {
    return {
      write: (chunk) => this.#effect('chunk', () => writer.write(chunk)),
      keep: (chunk) => this.#effect('letters', async () => writer.keep?.(chunk)),
      prepare: () => this.#effect('prepare', () => writer.prepare()),
      discard: async () => {
        if (!this.#isDead) return writer.discard();
        // A dead process gives nothing up, but the system closes its files.
        await writer.prepare().catch(() => undefined);
      },
    };
  }

  async #effect<T>(name: string, act: () => Promise<T>): Promise<T> {
    await this.#pass(`before ${name}`);
    const result = await act();
    await this.#pass(`after ${name}`);
    return result;
  }

  async #alive<T>(act: () => Promise<T>): Promise<T> {
    if (this.#isDead) throw new Died();
    return act();
  }

  async #pass(name: string): Promise<void> {
    if (this.#isDead) throw new Died();
    this.passed.push(name);
    if (this.passed.length - 1 !== this.#fate?.at) return;
    this.#tellReached();
    if (this.#fate.what !== 'dies') return this.#fate.what;
    this.#isDead = true;
    throw new Died();
  }
}
