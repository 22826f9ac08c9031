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

/**
 * The rows of one attempt, those of each period in a file or an object of its own. They are written and prepared one
 * behind the other, so that memory is that of a single one.
 */
export class PeriodParts<H extends SinkHandle> implements StagedPart {
  isEmpty = true;
  readonly #options: PeriodPartsOptions<H>;
  readonly #prepared: (readonly [Period, H])[] = [];
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
    return this.#options.handleOf(this.#prepared);
  }

  async discard(): Promise<void> {
    await this.#current?.part.discard();
    for (const [, prepared] of this.#prepared) {
      await Promise.allSettled([this.#options.remove(prepared)]);
    }
  }

  async #end(): Promise<void> {
    if (this.#current === undefined) return;
    const { period, part } = this.#current;
    this.#prepared.push([period, await part.prepare()]);
    this.#current = undefined;
  }
}
