import type { Clock } from '#shared/clock.ts';
import { LoadFailure } from '#shared/domain/failure.ts';
import type { StarrocksDestination } from '#shared/domain/spec/starrocks-destination.ts';
import type { CommitOutcome, Sink } from './sink.ts';
import {
  beginHeaders,
  loadHeaders,
  prepareHeaders,
  transactionHeaders,
} from './starrocks/load-headers.ts';
import { beginLoads } from './starrocks/load-writer.ts';
import { type Prepared, prepared } from './starrocks/prepared.ts';
import { readTransactionAnswer, type TransactionAnswer } from './starrocks/transaction-answer.ts';
import { fateByLabel, refusedCommit } from './stream-load/commit-outcome.ts';
import { visibleUndecided } from './stream-load/label-fate.ts';
import { refusedLoad } from './stream-load/load-failure.ts';
import type { LoadSpec } from './stream-load/load-headers.ts';
import { positionsFor } from './stream-load/refused-positions.ts';
import type { WarehouseLink } from './stream-load/warehouse-link.ts';

/** What {@link makeStarrocksSink} needs. */
export interface StarrocksSinkOptions {
  readonly spec: LoadSpec;
  readonly destination: StarrocksDestination;
  readonly link: WarehouseLink;
  readonly clock: Clock;
  /** Bytes after which an attempt goes on with another load of its transaction. @default 64 MiB */
  readonly loadBytes?: number | undefined;
}

/**
 * A table of StarRocks, by the transaction interface of Stream Load: begin, load, prepare; commit.
 *
 * - Everything goes by the label; commit is idempotent in StarRocks itself.
 * - A transaction that StarRocks does not know any more is in doubt, unless its label is told to be visible.
 * - What dead loaders leave behind cannot be listed, so that it cannot be swept but by its labels. It ends by itself, by
 *   the transaction's timeout.
 *
 * @throws {LoadFailure} (its methods) as the Doris sink's
 */
export function makeStarrocksSink(options: StarrocksSinkOptions): Sink {
  const { destination, link, spec, clock, loadBytes } = options;
  const { database } = destination;

  async function ask(
    step: 'commit' | 'rollback',
    of: { readonly label: string; readonly database: string },
  ): Promise<TransactionAnswer> {
    const headers = transactionHeaders({ ...destination, database: of.database }, of.label);
    const path = `/api/transaction/${step}`;
    const { body } = await link.ask({ method: 'POST', path, headers });
    return readTransactionAnswer(body);
  }

  async function rollback(label: string): Promise<void> {
    const answer = await ask('rollback', { label, database });
    switch (answer.kind) {
      case 'ok':
      case 'unknown':
      case 'aborted-before':
        return;
      case 'committed-before':
        throw visibleUndecided(label);
      case 'label-exists':
      case 'no-rows':
      case 'failed':
        throw refusedLoad(answer.message);
    }
  }

  return {
    open: (label, work) =>
      beginLoads({
        link,
        clock,
        label,
        database,
        headers: {
          all: transactionHeaders(destination, label),
          begin: beginHeaders(destination),
          load: loadHeaders(spec, destination),
          prepare: prepareHeaders(destination),
        },
        positionsIn: positionsFor(spec),
        onProgress: work?.onProgress,
        rollback: () => rollback(label),
        loadBytes,
      }),

    async commit(handle): Promise<CommitOutcome> {
      const given = prepared.safeParse(handle);
      if (!given.success) {
        return { kind: 'in-doubt', message: "the handle is no StarRocks sink's" };
      }
      if (given.data.state === 'empty') return { kind: 'committed' };
      try {
        return await outcomeOf(await ask('commit', given.data), given.data, link);
      } catch (error) {
        if (!(error instanceof LoadFailure) || error.code !== 'SINK_UNREACHABLE') throw error;
        return { kind: 'retry-later', message: error.message };
      }
    },

    abort: rollback,
  };
}

async function outcomeOf(
  answer: TransactionAnswer,
  transaction: Prepared,
  link: WarehouseLink,
): Promise<CommitOutcome> {
  switch (answer.kind) {
    case 'ok':
      return { kind: 'committed' };
    case 'committed-before':
      return { kind: 'already-committed' };
    case 'label-exists':
    case 'no-rows':
    case 'failed':
      return refusedCommit(answer.message);
    case 'aborted-before':
    case 'unknown':
      return fateByLabel(transaction, answer, link);
  }
}
