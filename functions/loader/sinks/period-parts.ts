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

/** A part that was written. Without a handle it is not prepared, or could not be. */
interface WrittenPart<H extends SinkHandle> {
  readonly period: Period;
  readonly part: OwnPart<H>;
  handle?: H;
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
  #current: WrittenPart<H> | undefined;

  constructor(options: PeriodPartsOptions<H>) {
    this.#options = options;
  }

  async write(chunk: Uint8Array, period: Period = NO_PERIOD): Promise<void> {
    this.isEmpty = false;
    if (this.#current?.period !== period) {
      await this.#end();
      this.#current = { period, part: await this.#options.open(period) };
      this.#written.push(this.#current);
    }
    await this.#current.part.write(chunk);
  }

  async prepare(): Promise<SinkHandle> {
    await this.#end();
    await Promise.all(this.#preparing);
    const prepared = this.#written.flatMap(({ period, handle }) =>
      handle ? [[period, handle] as const] : [],
    );
    return this.#options.handleOf(prepared);
  }

  async discard(): Promise<void> {
    await Promise.allSettled(this.#preparing);
    for (const { part, handle } of this.#written) {
      await Promise.allSettled([handle ? this.#options.remove(handle) : part.discard()]);
    }
  }

  /** Resolves when there is room for another part. */
  async #end(): Promise<void> {
    const ended = this.#current;
    if (ended === undefined) return;
    this.#current = undefined;
    if (this.#preparing.length === MOST_AT_ONCE) await this.#preparing[0];
    const preparing = ended.part.prepare().then((handle) => {
      ended.handle = handle;
      this.#preparing = this.#preparing.filter((one) => one !== preparing);
    });
    // Awaited by a later write or by prepare; until then a rejection must not count as unhandled.
    preparing.catch(() => {});
    this.#preparing.push(preparing);
  }
}
