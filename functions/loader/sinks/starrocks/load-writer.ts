import type { Clock } from '#shared/clock.ts';
import { asLoadFailure, LoadFailure } from '#shared/domain/failure.ts';
import type { Upload } from '#shared/warehouse/exchange.ts';
import type { RowsJudged, SinkWriter } from '../sink.ts';
import { visibleUndecided } from '../stream-load/label-fate.ts';
import { refusedLoad } from '../stream-load/load-failure.ts';
import type { ReadPositions } from '../stream-load/refused-positions.ts';
import { readErrorLog } from '../stream-load/refused-rows.ts';
import { waiting } from '../stream-load/waiting.ts';
import { requireAnswer, type WarehouseLink } from '../stream-load/warehouse-link.ts';
import type { Prepared } from './prepared.ts';
import { readTransactionAnswer, type TransactionAnswer } from './transaction-answer.ts';

/**
 * A load takes so much, then the next begins: StarRocks holds the JSON of one load in memory and refuses more
 * than 100 MB of it.
 */
const LOAD_BYTES = 67_108_864;

/** What {@link beginLoads} needs. */
export interface LoadsOptions {
  readonly link: WarehouseLink;
  readonly clock: Clock;
  readonly label: string;
  readonly database: string;
  readonly headers: {
    /** Of every request. */
    readonly all: Readonly<Record<string, string>>;
    readonly begin: Readonly<Record<string, string>>;
    readonly load: Readonly<Record<string, string>>;
    readonly prepare: Readonly<Record<string, string>>;
  };
  /** How an error log tells from where its rows are. */
  readonly positionsIn: ReadPositions;
  readonly onProgress: (() => void) | undefined;
  /** Rolls the label's transaction back. */
  readonly rollback: () => Promise<void>;
  /** @default 64 MiB */
  readonly loadBytes?: number | undefined;
}

/** Begins the transaction of one attempt. */
export async function beginLoads(options: LoadsOptions): Promise<SinkWriter> {
  const { link, headers, label, rollback } = options;
  const { body } = await link.ask({
    method: 'POST',
    path: '/api/transaction/begin',
    headers: { ...headers.all, ...headers.begin },
  });
  const answer = readTransactionAnswer(body);
  if (answer.kind === 'ok') return new TransactionWriter(options, txnIn(body));
  if (answer.kind === 'label-exists' && answer.state !== 'FINISHED') {
    // A label is used once, so it is a lost request of this very attempt that holds it.
    await rollback();
    throw new LoadFailure('SINK_UNREACHABLE', `label ${label} was in use: ${answer.message}`);
  }
  if (answer.kind === 'label-exists' || answer.kind === 'committed-before') {
    throw visibleUndecided(label);
  }
  throw refusedLoad(answer.message);
}

class TransactionWriter implements SinkWriter {
  readonly #options: LoadsOptions;
  readonly #txn: string;
  #upload: Upload | undefined;
  #loaded = 0;
  #counted: RowsJudged = { total: 0, rejected: 0, unselected: 0, examples: [], listed: [] };

  constructor(options: LoadsOptions, txn: string) {
    this.#options = options;
    this.#txn = txn;
  }

  async write(chunk: Uint8Array): Promise<void> {
    const upload = await this.#open();
    if (!(await this.#waiting(upload.write(chunk)))) {
      await this.#endLoad();
      throw new LoadFailure('SINK_UNREACHABLE', 'the destination ended the load before its end');
    }
    this.#loaded += chunk.length;
    if (this.#loaded >= (this.#options.loadBytes ?? LOAD_BYTES)) await this.#endLoad();
  }

  async prepare(): Promise<Prepared> {
    const { link, label, database, headers } = this.#options;
    await this.#endLoad();
    const { body } = await this.#waiting(
      link.ask({
        method: 'POST',
        path: '/api/transaction/prepare',
        headers: { ...headers.all, ...headers.prepare },
      }),
    );
    const answer = readTransactionAnswer(body);
    const { counts } = answer.kind === 'no-rows' ? answer : required(answer, label);
    // The loads' own answers can come before their rows were looked at.
    if (counts.total !== undefined) await this.#count(counts, { anew: true });
    const isEmpty = answer.kind === 'no-rows';
    return { database, label, txn: this.#txn, state: isEmpty ? 'empty' : 'prepared' };
  }

  judged(): RowsJudged {
    return this.#counted;
  }

  async discard(): Promise<void> {
    this.#upload?.destroy();
    // What stays behind ends by the transaction's timeout.
    await Promise.allSettled([this.#options.rollback()]);
  }

  async #open(): Promise<Upload> {
    const { link, headers } = this.#options;
    this.#upload ??= await this.#waiting(
      link.upload({
        method: 'PUT',
        path: '/api/transaction/load',
        headers: { ...headers.all, ...headers.load },
      }),
    );
    return this.#upload;
  }

  async #endLoad(): Promise<void> {
    const upload = this.#upload;
    if (!upload) return;
    this.#upload = undefined;
    this.#loaded = 0;
    const answered = await this.#waiting(upload.finish());
    requireAnswer(answered);
    const answer = required(readTransactionAnswer(answered.body), this.#options.label);
    await this.#count(answer.counts, { anew: false });
  }

  async #count(
    { total = 0, rejected, unselected, errorUrl }: OkAnswer['counts'],
    { anew }: { readonly anew: boolean },
  ): Promise<void> {
    const before = this.#counted;
    const add = (a: number, b: number) => (anew ? b : a + b);
    const refused =
      rejected > 0 && errorUrl ? await this.#refused(errorUrl) : { examples: [], listed: [] };
    this.#counted = {
      total: add(before.total, total),
      rejected: add(before.rejected, rejected),
      unselected: add(before.unselected, unselected),
      examples: [...before.examples, ...refused.examples],
      listed: [...before.listed, ...refused.listed],
    };
  }

  /** Bad rows count without their examples, too. */
  async #refused(errorUrl: string): Promise<Pick<RowsJudged, 'examples' | 'listed'>> {
    const { link, positionsIn } = this.#options;
    try {
      const log = await link.read(errorUrl);
      return { examples: readErrorLog(log), listed: positionsIn(log) };
    } catch (error) {
      const why = asLoadFailure(error).message;
      const reason = `refused by the destination (${why})`;
      return { examples: [{ reason, excerpt: '' }], listed: [] };
    }
  }

  #waiting<T>(work: Promise<T>): Promise<T> {
    const { clock, onProgress } = this.#options;
    return waiting(work, { clock, onProgress });
  }
}

type OkAnswer = Extract<TransactionAnswer, { kind: 'ok' }>;

function required(answer: TransactionAnswer, label: string): OkAnswer {
  if (answer.kind === 'ok') return answer;
  if (answer.kind === 'committed-before') throw visibleUndecided(label);
  if (answer.kind === 'unknown' || answer.kind === 'aborted-before') {
    // It gave up by itself, by a timeout for one: the next attempt may do better.
    throw new LoadFailure('SINK_UNREACHABLE', `the transaction is gone: ${answer.message}`);
  }
  throw refusedLoad(answer.message);
}

/** 64-bit ids stay text. */
function txnIn(body: string): string {
  return /"TxnId"\s*:\s*(\d+)/.exec(body)?.[1] ?? '';
}
