import type { Clock } from '#shared/clock.ts';
import { LoadFailure } from '#shared/domain/failure.ts';
import type { DorisDestination } from '#shared/domain/spec/doris-destination.ts';
import { dorisHeaders } from './doris/load-headers.ts';
import { openLoad } from './doris/load-writer.ts';
import { type PreCommitted, preCommitted } from './doris/pre-committed.ts';
import { readTwoPhaseAnswer, type TwoPhaseAnswer } from './doris/two-phase.ts';
import type { CommitOutcome, Sink } from './sink.ts';
import { fateByLabel, refusedCommit } from './stream-load/commit-outcome.ts';
import { visibleUndecided } from './stream-load/label-fate.ts';
import { refusedLoad } from './stream-load/load-failure.ts';
import type { LoadSpec } from './stream-load/load-headers.ts';
import { positionsFor } from './stream-load/refused-positions.ts';
import type { WarehouseLink } from './stream-load/warehouse-link.ts';

/** What {@link makeDorisSink} needs. */
export interface DorisSinkOptions {
  readonly spec: LoadSpec;
  readonly destination: DorisDestination;
  readonly link: WarehouseLink;
  readonly clock: Clock;
}

/**
 * A table of Apache Doris, by Stream Load in two phases.
 *
 * - Prepare is a load with `two_phase_commit: true`, which Doris keeps invisible for an hour.
 * - Commit is `_stream_load_2pc` by transaction id. A transaction that Doris does not know any more is looked
 *   for by its label; if that is forgotten too, nobody knows whether the rows are there: in doubt.
 * - Rows are never loaded again under a label whose fate is not known.
 * - Doris has no way to list what dead loaders leave behind, so that it cannot be swept but by its labels. It gives
 *   it up by itself, by the load's timeout or after the hour.
 *
 * @throws {LoadFailure} (its methods) SINK_UNREACHABLE, SINK_THROTTLED, SINK_AUTH_FAILED, SINK_REJECTED,
 * SINK_OUT_OF_SPACE, SCHEMA_MISMATCH, SECRET_UNAVAILABLE, SECRET_UNUSABLE, and COMMIT_IN_DOUBT when rows are visible
 * that no decision stands for
 */
export function makeDorisSink(options: DorisSinkOptions): Sink {
  const { destination, link, spec, clock } = options;
  const { database, table } = destination;

  async function twoPhase(headers: Record<string, string>, db = database): Promise<TwoPhaseAnswer> {
    const path = `/api/${encodeURIComponent(db)}/_stream_load_2pc`;
    const { body } = await link.ask({ method: 'PUT', path, headers });
    return readTwoPhaseAnswer(body);
  }

  async function abort(label: string): Promise<void> {
    const answer = await twoPhase({ label, txn_operation: 'abort' });
    switch (answer.kind) {
      case 'done':
      case 'unknown':
      case 'aborted-before':
        return;
      case 'committed-before':
        throw visibleUndecided(label);
      case 'failed':
        throw refusedLoad(answer.message);
    }
  }

  return {
    open: (label, work) =>
      openLoad({
        link,
        clock,
        label,
        database,
        path: `/api/${encodeURIComponent(database)}/${encodeURIComponent(table)}/_stream_load`,
        headers: dorisHeaders(spec, destination, label),
        positionsIn: positionsFor(spec),
        onProgress: work?.onProgress,
        abort: () => abort(label),
      }),

    async commit(handle): Promise<CommitOutcome> {
      const given = preCommitted.safeParse(handle);
      if (!given.success) return { kind: 'in-doubt', message: "the handle is no Doris sink's" };
      if (given.data.txn === '') return { kind: 'committed' };
      try {
        const { txn, database: db } = given.data;
        const answer = await twoPhase({ txn_id: txn, txn_operation: 'commit' }, db);
        return await outcomeOf(answer, given.data, link);
      } catch (error) {
        if (!(error instanceof LoadFailure) || error.code !== 'SINK_UNREACHABLE') throw error;
        return { kind: 'retry-later', message: error.message };
      }
    },

    abort,
  };
}

async function outcomeOf(
  answer: TwoPhaseAnswer,
  transaction: PreCommitted,
  link: WarehouseLink,
): Promise<CommitOutcome> {
  switch (answer.kind) {
    case 'done':
      return { kind: 'committed' };
    case 'committed-before':
      return { kind: 'already-committed' };
    case 'failed':
      return refusedCommit(answer.message);
    case 'aborted-before':
    case 'unknown':
      return fateByLabel(transaction, answer, link);
  }
}
