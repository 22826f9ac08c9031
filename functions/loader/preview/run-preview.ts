import type { Clock } from '#shared/clock.ts';
import { asLoadFailure, LoadFailure } from '#shared/domain/failure.ts';
import type { JobSpec } from '#shared/domain/job-spec.ts';
import {
  leaseFrom,
  mayTake,
  PREVIEW_TIME_MS,
  type Preview,
  type PreviewRequest,
  type PreviewResult,
} from '#shared/domain/preview.ts';
import { rowFormatOf } from '#shared/domain/spec/row-format.ts';
import type { TableShape } from '#shared/domain/spec/table-shape.ts';
import type { KafkaClusters } from '#shared/kafka/cluster.ts';
import type { Log } from '#shared/log.ts';
import { readInferredTypes } from '#shared/store/inferred-types.ts';
import {
  claimPreview,
  finishPreview,
  type PreviewEnd,
  readPreview,
} from '#shared/store/previews.ts';
import { OutcomeUnknown, type Tables } from '#shared/store/tables.ts';
import type { TransformSettings } from '../open-rows.ts';
import type { SliceReader } from '../records.ts';
import { readRecords } from './read-records.ts';
import { bareRecords, showRecords } from './show-records.ts';
import { beginningOf } from './shown-values.ts';

/** What making previews needs: nothing is written but the preview itself. */
export interface PreviewDeps {
  readonly tables: Tables;
  readonly clusters: KafkaClusters;
  readonly reader: SliceReader;
  readonly settings: TransformSettings;
  /** What a destination that says its columns itself says. */
  readonly tableOf?: (spec: JobSpec) => Promise<TableShape | undefined>;
  readonly clock: Clock;
  /** Gives ULIDs. */
  readonly newId: () => string;
  readonly log: Log;
}

/** Of a preview's time: a mapping that takes longer for its records shows some, and not that it took too long. */
const SHOWING_PART = 0.75;

/** What an invocation did, for logs. `unknown`: the store did not say, and the lease decides. */
export interface PreviewReport {
  readonly preview: string;
  readonly end: 'nothing-to-claim' | 'done' | 'failed' | 'lost' | 'unknown';
}

/**
 * Makes the preview that the stream named, if nobody has taken it and it is not too late. It has one try: who asked for
 * it waits for it, and can ask again.
 *
 * @param deadline epoch ms by which the function must have returned
 */
export async function runPreview(
  deps: PreviewDeps,
  id: string,
  deadline: number,
): Promise<PreviewReport> {
  const { tables, clock, newId, log } = deps;
  const report = (end: PreviewReport['end']): PreviewReport => ({ preview: id, end });
  const began = clock.now();
  const waiting = await readPreview(tables, id, began);
  if (waiting === undefined || !mayTake(waiting, began)) return report('nothing-to-claim');
  const claim = { owner: newId(), leaseUntil: leaseFrom(began) };
  try {
    const taken = await claimPreview(tables, waiting, claim);
    const request = taken?.request;
    if (taken === undefined || request === undefined) return report('nothing-to-claim');
    const timeMs = Math.min(PREVIEW_TIME_MS, deadline - began);
    const found = await within(timeMs, clock, (signal) =>
      find(deps, request, { signal, until: began + timeMs * SHOWING_PART }),
    );
    if (found.failure) log('preview failed', { id, ...found.failure });
    if (!(await finish(deps, taken, found))) return report('lost');
    return report(found.failure ? 'failed' : 'done');
  } catch (error) {
    if (!(error instanceof OutcomeUnknown)) throw error;
    log('the store did not answer; the lease decides', { preview: id });
    return report('unknown');
  }
}

type Found = Omit<PreviewEnd, 'at'>;

/** Never throws but what is no failure of the preview's. */
async function find(
  deps: PreviewDeps,
  request: PreviewRequest,
  time: { readonly signal: AbortSignal; readonly until: number },
): Promise<Found> {
  const { tables, settings } = deps;
  const { spec, jobId } = request;
  const { format } = rowFormatOf(spec);
  const { doris, starrocks } = spec.destination;
  try {
    const { picked, slice } = await readRecords(request, { ...deps, signal: time.signal });
    const read = Object.fromEntries(
      [...slice].map(([partition, { from, to }]) => [
        String(partition),
        { from: String(from), to: String(to) },
      ]),
    );
    const about = {
      rowFormat: format,
      mappedBy: doris || starrocks ? 'warehouse' : 'loader',
      read,
    } as const;
    try {
      const inferred = jobId === undefined ? undefined : await readInferredTypes(tables, jobId);
      const table = await deps.tableOf?.(spec);
      const shown = await showRecords(picked, { spec, settings, inferred, table, ...time });
      return { result: { ...about, ...shown } };
    } catch (error) {
      // Which records it fails on is half of the answer.
      return { ...failed(error), result: { ...about, ...nothingOf(bareRecords(picked)) } };
    }
  } catch (error) {
    return failed(error);
  }
}

function nothingOf(
  records: PreviewResult['records'],
): Pick<PreviewResult, 'records' | 'columns' | 'counts'> {
  const none = { rows: 0, elements: 0, filtered: 0, rejected: 0, skipped: 0 };
  return { records, columns: [], counts: { records: records.length, ...none } };
}

/** Of a failure's message. */
const MESSAGE_BYTES = 4_096;

function failed(error: unknown): Found {
  const { code, message } = asLoadFailure(error);
  return { failure: { code, message: beginningOf(message, MESSAGE_BYTES) } };
}

function finish({ tables, clock }: PreviewDeps, taken: Preview, found: Found): Promise<boolean> {
  return finishPreview(tables, taken, { ...found, at: clock.now() });
}

/** What work finds, or that it took too long; then it is told to end, and left to do so by itself. */
async function within(
  ms: number,
  clock: Clock,
  work: (signal: AbortSignal) => Promise<Found>,
): Promise<Found> {
  const late = new LoadFailure('OUT_OF_TIME', `a preview must be made within ${ms} ms`);
  const over = new AbortController();
  const done = new AbortController();
  const timeout = clock.sleep(ms, done.signal).then(
    () => {
      over.abort(late);
      return failed(late);
    },
    () => failed(late),
  );
  try {
    return await Promise.race([work(over.signal), timeout]);
  } finally {
    done.abort('done');
  }
}
