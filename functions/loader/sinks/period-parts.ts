import type { SinkHandle } from '#shared/domain/task.ts';
import type { StagedPart } from '../dead-letters/paired-writer.ts';
import { NO_PERIOD, type Period } from './period.ts';

/** A file or an object on its way, with a handle of its own. */
export interface OwnPart<H extends SinkHandle> extends StagedPart {
  prepare(): Promise<H>;
}

/** What {@link PeriodParts} needs. */
export interface PeriodPartsOptions<H extends SinkHandle> {
  readonly open: (period: Period) => Promise<OwnPart<H>>;
  /** Removes a part that was prepared. */
  readonly remove: (prepared: H) => Promise<void>;
  /** One handle of all parts. */
  readonly handleOf: (prepared: readonly (readonly [Period, H])[]) => SinkHandle;
}

/** Parts that are being prepared while the next is written: the last bytes of each are in memory until then. */
const MOST_AT_ONCE = 4;

/** A part, and once it is prepared only its handle: what it holds in memory must go. */
interface WrittenPart<H extends SinkHandle> {
  readonly period: Period;
  state: { readonly part: OwnPart<H> } | { readonly handle: H };
}

/**
 * The rows of one attempt, those of each period in a file or an object of its own.
 *
 * - They are written one behind the other, and a few are made durable at once: a small object costs more waiting than
 *   writing. Memory does not depend on how many there are.
 * - A part that could not be prepared surfaces at a later `write` or at `prepare`.
 */
export class PeriodParts<H extends SinkHandle> implements StagedPart {
  isEmpty = true;
  readonly #options: PeriodPartsOptions<H>;
  readonly #written: WrittenPart<H>[] = [];
  #preparing: Promise<void>[] = [];
  #current: { readonly period: Period; readonly part: OwnPart<H> } | undefined;

  constructor(options: PeriodPartsOptions<H>) {
    this.#options = options;
  }

  async write(chunk: Uint8Array, period: Period = NO_PERIOD): Promise<void> {
    this.isEmpty = false;
    if (this.#current?.period !== period) {
      await this.#end();
      this.#current = { period, part: await this.#options.open(period) };
    }
    await this.#current.part.write(chunk);
  }

  async prepare(): Promise<SinkHandle> {
    await this.#end();
    await Promise.all(this.#preparing);
    const prepared = this.#written.flatMap(({ period, state }) =>
      'handle' in state ? [[period, state.handle] as const] : [],
    );
    return this.#options.handleOf(prepared);
  }

  async discard(): Promise<void> {
    await Promise.allSettled(this.#preparing);
    await this.#current?.part.discard();
    for (const { state } of this.#written) {
      const gone = 'handle' in state ? this.#options.remove(state.handle) : state.part.discard();
      await Promise.allSettled([gone]);
    }
  }

  /** Resolves when there is room for another part. */
  async #end(): Promise<void> {
    if (this.#current === undefined) return;
    if (this.#preparing.length === MOST_AT_ONCE) await this.#preparing[0];
    const { period, part } = this.#current;
    this.#current = undefined;
    const written: WrittenPart<H> = { period, state: { part } };
    this.#written.push(written);
    const preparing = part.prepare().then((handle) => {
      written.state = { handle };
      this.#preparing = this.#preparing.filter((one) => one !== preparing);
    });
    // Awaited by a later write or by prepare; until then a rejection must not count as unhandled.
    preparing.catch(() => {});
    this.#preparing.push(preparing);
  }
}
