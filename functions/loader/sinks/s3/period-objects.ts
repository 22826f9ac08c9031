import type { SinkHandle } from '#shared/domain/task.ts';
import type { StagedPart } from '../../dead-letters/paired-writer.ts';
import { fillPeriod, NO_PERIOD, type Period } from '../period.ts';
import { periodHandle, type SharedFacts } from './period-uploads.ts';
import type { UploadHandle } from './upload-handle.ts';

/** What {@link PeriodObjects} needs. */
export interface PeriodObjectsOptions extends SharedFacts {
  readonly open: (key: string) => Promise<StagedUpload>;
  /** Removes an upload that is whole. */
  readonly remove: (upload: UploadHandle) => Promise<void>;
}

/** An upload on its way. */
export interface StagedUpload extends StagedPart {
  prepare(): Promise<UploadHandle>;
}

/**
 * The objects of one attempt, one for each period of its rows. They are uploaded one behind the other, so that memory
 * is that of a single upload.
 */
export class PeriodObjects implements StagedPart {
  isEmpty = true;
  readonly #options: PeriodObjectsOptions;
  readonly #whole: (readonly [Period, UploadHandle])[] = [];
  #current: { readonly period: Period; readonly upload: StagedUpload } | undefined;

  constructor(options: PeriodObjectsOptions) {
    this.#options = options;
  }

  async write(chunk: Uint8Array, period: Period = NO_PERIOD): Promise<void> {
    this.isEmpty = false;
    if (this.#current?.period !== period) {
      await this.#end();
      const key = fillPeriod(this.#options.keyTemplate, period);
      this.#current = { period, upload: await this.#options.open(key) };
    }
    await this.#current.upload.write(chunk);
  }

  async prepare(): Promise<SinkHandle> {
    await this.#end();
    return periodHandle(this.#options, this.#whole);
  }

  async discard(): Promise<void> {
    await this.#current?.upload.discard();
    for (const [, upload] of this.#whole) {
      await Promise.allSettled([this.#options.remove(upload)]);
    }
  }

  async #end(): Promise<void> {
    if (this.#current === undefined) return;
    const { period, upload } = this.#current;
    this.#whole.push([period, await upload.prepare()]);
    this.#current = undefined;
  }
}
