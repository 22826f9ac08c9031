import type { Clock } from '#shared/clock.ts';
import { asLoadFailure, LoadFailure } from '#shared/domain/failure.ts';
import type { HttpAnswer, Upload } from '#shared/warehouse/exchange.ts';
import type { RowsJudged, SinkWriter } from '../sink.ts';
import { committedAtOnce, visibleUndecided } from '../stream-load/label-fate.ts';
import { askLabelState, isFinished } from '../stream-load/load-state.ts';
import type { ReadPositions } from '../stream-load/refused-positions.ts';
import { readErrorLog } from '../stream-load/refused-rows.ts';
import { waiting } from '../stream-load/waiting.ts';
import { requireAnswer, type WarehouseLink } from '../stream-load/warehouse-link.ts';
import { type LoadCounts, readLoadResult } from './load-result.ts';
import type { PreCommitted } from './pre-committed.ts';

/** What {@link openLoad} needs. */
export interface LoadOptions {
  readonly link: WarehouseLink;
  readonly clock: Clock;
  readonly label: string;
  readonly database: string;
  /** Of the table's Stream Load. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** How an error log tells from where its rows are. */
  readonly positionsIn: ReadPositions;
  readonly onProgress: (() => void) | undefined;
  /** Aborts the label's transaction. */
  readonly abort: () => Promise<void>;
}

/** Begins the load of one attempt; its rows stream on as they come. */
export async function openLoad(options: LoadOptions): Promise<SinkWriter> {
  const { path, headers } = options;
  return new LoadWriter(options, await options.link.upload({ method: 'PUT', path, headers }));
}

class LoadWriter implements SinkWriter {
  readonly #options: LoadOptions;
  readonly #upload: Upload;
  #judged: RowsJudged = { total: 0, rejected: 0, unselected: 0, examples: [], listed: [] };

  constructor(options: LoadOptions, upload: Upload) {
    this.#options = options;
    this.#upload = upload;
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (!(await this.#waiting(this.#upload.write(chunk)))) {
      // It has answered before it has seen all rows: whatever it says, it is no success.
      await this.#conclude(await this.#upload.finish());
      throw new LoadFailure('SINK_UNREACHABLE', 'the destination ended the load before its end');
    }
  }

  async prepare(): Promise<PreCommitted> {
    let answer: HttpAnswer;
    try {
      answer = await this.#waiting(this.#upload.finish());
    } catch (error) {
      return this.#giveUpUnknown(asLoadFailure(error));
    }
    return this.#conclude(answer);
  }

  judged(): RowsJudged {
    return this.#judged;
  }

  async discard(): Promise<void> {
    this.#upload.destroy();
    // What stays behind ends by the load's timeout.
    await Promise.allSettled([this.#options.abort()]);
  }

  async #conclude(answer: HttpAnswer): Promise<PreCommitted> {
    const { label, database } = this.#options;
    requireAnswer(answer);
    const result = readLoadResult(answer.body);
    switch (result.kind) {
      case 'prepared':
        this.#judged = await this.#judge(result.counts);
        return { database, label, txn: result.txn };
      case 'empty':
        this.#judged = await this.#judge(result.counts);
        return { database, label, txn: '' };
      case 'label-exists':
        return this.#yieldLabel(result);
      case 'committed-at-once':
        throw committedAtOnce(label);
      case 'failed':
        throw result.failure;
    }
  }

  /** A label is used once, so whoever holds it is a dead or lost request of this very attempt. */
  async #yieldLabel(found: {
    readonly state: string | undefined;
    readonly message: string;
  }): Promise<never> {
    const { label, abort } = this.#options;
    if (found.state === 'FINISHED') throw visibleUndecided(label);
    await this.#refuseFinished();
    await abort();
    throw new LoadFailure(
      'SINK_UNREACHABLE',
      `label ${label} was in use (${found.state ?? 'in an unknown state'}): ${found.message}`,
    );
  }

  /**
   * The answer is lost. What was prepared is given up rather than used: its counts are not known, so the limits
   * for bad rows could not be judged. A destination that says nothing now is asked again by the next attempt,
   * which aborts this label first.
   */
  async #giveUpUnknown(lost: LoadFailure): Promise<never> {
    const looked = await Promise.allSettled([this.#refuseFinished().then(this.#options.abort)]);
    for (const { reason } of looked.filter((look) => look.status === 'rejected')) {
      if (reason instanceof LoadFailure && reason.code === 'COMMIT_IN_DOUBT') throw reason;
    }
    throw lost;
  }

  async #refuseFinished(): Promise<void> {
    const { link, database, label } = this.#options;
    if (isFinished(await askLabelState(link, { database, label }))) throw visibleUndecided(label);
  }

  async #judge(counts: LoadCounts): Promise<RowsJudged> {
    const { total, rejected, unselected } = counts;
    const refused = rejected > 0 ? await this.#refused(counts) : { examples: [], listed: [] };
    return { total, rejected, unselected, ...refused };
  }

  /** Read at once: the destination keeps the log for two days. Bad rows count without their examples, too. */
  async #refused({
    errorUrl,
    firstError,
  }: LoadCounts): Promise<Pick<RowsJudged, 'examples' | 'listed'>> {
    const { link, positionsIn } = this.#options;
    let why = 'the destination names no error log';
    try {
      const log = errorUrl ? await link.read(errorUrl) : '';
      const examples = readErrorLog(log);
      if (examples.length > 0) return { examples, listed: positionsIn(log) };
    } catch (error) {
      why = asLoadFailure(error).message;
    }
    const reason = firstError ?? `refused by the destination (${why})`;
    return { examples: [{ reason, excerpt: '' }], listed: [] };
  }

  #waiting<T>(work: Promise<T>): Promise<T> {
    const { clock, onProgress } = this.#options;
    return waiting(work, { clock, onProgress });
  }
}
