import { basisOf, type InferredTypes } from '#shared/domain/inferred-types.ts';
import type { JobSpec } from '#shared/domain/job-spec.ts';
import {
  MOST_RESULT_BYTES,
  type PreviewedRecord,
  type PreviewResult,
} from '#shared/domain/preview.ts';
import { rowFormatOf } from '#shared/domain/spec/row-format.ts';
import type { TableShape } from '#shared/domain/spec/table-shape.ts';
import { type TaskStatistics, totalCounts } from '#shared/domain/task.ts';
import type { TransformSettings } from '../open-rows.ts';
import type { RecordConsumer, RecordView } from '../records.ts';
import { openRowWriters, type RowWriters } from '../row-writers.ts';
import { typedSpec } from '../transform/infer/typed-spec.ts';
import type { Picked } from './picked-records.ts';
import { RowTexts } from './row-texts.ts';
import { shownColumns } from './shown-columns.ts';
import { shownTransform } from './shown-transform.ts';
import { beginningOf, jsonBytes, shownRecord, shownRow } from './shown-values.ts';

/** What showing records needs. */
export interface ShowRecordsOptions {
  readonly spec: JobSpec;
  readonly settings: TransformSettings;
  /** The types that were inferred for its job, if any were. */
  readonly inferred: InferredTypes | undefined;
  /** Of a destination that says its columns itself. */
  readonly table?: TableShape | undefined;
  readonly signal: AbortSignal;
  /** Epoch ms from which on records are shown as they came. */
  readonly until: number;
}

type Shown = Pick<PreviewResult, 'records' | 'columns' | 'columnsLeftOut' | 'counts'>;
type Counts = PreviewResult['counts'];

/** Of all records together; columns have most of the rest. */
const RECORDS_BYTES = 0.75 * MOST_RESULT_BYTES;

/** Of a reason: engines are verbose. */
const REASON_BYTES = 500;

/** A preview's records are few, and their writers many. */
const CHUNK_BYTES = 65_536;

const NO_LIMITS = { maxRows: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY };

/**
 * What a specification makes of records, by the very code that makes a slice's rows: each record gets a writer of its
 * own, so that it is certain which rows are whose.
 *
 * @throws {LoadFailure} what a task would fail with: SCHEMA_MISMATCH, REGISTRY_*, RECORD_TOO_LARGE
 */
export async function showRecords(
  picked: readonly Picked[],
  { spec, settings, inferred, table, signal, until }: ShowRecordsOptions,
): Promise<Shown> {
  const all = picked.flatMap(({ record }) => record ?? []);
  const onProgress = () => {};
  const inferring = await typedSpec(headless(spec), {
    valueReadings: settings.valueReadings,
    types: {
      read: async () => inferred,
      keep: async (sample) => ({ ...sample, id: '', basis: basisOf(spec), taskId: '', at: 0 }),
    },
    read: (consumer) => feed(all, consumer),
    onProgress,
  });
  const typed = { ...inferring, table };
  const writers = await openRowWriters({
    spec: typed,
    settings,
    signal,
    onProgress,
    adapt: shownTransform,
  });
  try {
    const columns = await shownColumns(typed, writers, (consumer) => feed(all, consumer));
    const counts = { records: 0, rows: 0, elements: 0, filtered: 0, rejected: 0, skipped: 0 };
    const records: PreviewedRecord[] = [];
    const mostBytes = Math.floor(RECORDS_BYTES / Math.max(1, picked.length));
    for (const each of picked) {
      const isLate = settings.clock.now() >= until;
      records.push(
        isLate
          ? bareRecord(each, mostBytes)
          : await showOne(each, { writers, spec, mostBytes, counts }),
      );
    }
    return { records, ...columns, counts };
  } finally {
    await writers.close();
  }
}

/** Records as they came, where nothing can be made of them. */
export function bareRecords(picked: readonly Picked[]): PreviewedRecord[] {
  const mostBytes = Math.floor(RECORDS_BYTES / Math.max(1, picked.length));
  return picked.map((each) => bareRecord(each, mostBytes));
}

function bareRecord({ record, withheld }: Picked, mostBytes: number): PreviewedRecord {
  if (record) return shownRecord(record, mostBytes);
  return { partition: withheld.partition, offset: String(withheld.from) };
}

/** A line of names is no row. */
function headless(spec: JobSpec): JobSpec {
  const { file, s3 } = spec.destination;
  const destination = {
    ...spec.destination,
    ...(file && { file: { ...file, header: false } }),
    ...(s3 && { s3: { ...s3, header: false } }),
  };
  return { ...spec, destination };
}

async function feed(records: readonly RecordView[], consumer: RecordConsumer): Promise<void> {
  for (const record of records) {
    consumer.accept(record);
    if (!(await consumer.drain())) return;
  }
}

interface Showing {
  readonly writers: RowWriters;
  readonly spec: JobSpec;
  readonly mostBytes: number;
  /** Added to. */
  readonly counts: Counts;
}

async function showOne(
  { record, withheld }: Picked,
  { writers, spec, mostBytes, counts }: Showing,
): Promise<PreviewedRecord> {
  if (withheld) {
    counts.records += withheld.count;
    counts.rejected += withheld.count;
    const { partition, from, reason } = withheld;
    return { partition, offset: String(from), rejected: { reason } };
  }
  const texts = new RowTexts();
  const rows = writers.make({ writer: texts, limits: NO_LIMITS, chunkBytes: CHUNK_BYTES });
  rows.accept(record);
  await rows.drain();
  const statistics = await rows.finish();
  const total = totalCounts(statistics.counts);
  const elements = statistics.elements ?? total.rows;
  counts.records += 1;
  counts.elements += elements;
  for (const what of ['rows', 'filtered', 'rejected', 'skipped'] as const)
    counts[what] += total[what];
  const shown = shownRecord(record, mostBytes);
  if (total.rows === 0) return { ...shown, ...whyNoRow(statistics) };
  const format = rowFormatOf(spec).format === 'csv' ? 'csv' : 'json';
  const room = mostBytes - jsonBytes(shown);
  return { ...shown, ...shownRows(texts.texts(elements, format), { elements, format, room }) };
}

function whyNoRow({ counts, badRows, policies }: TaskStatistics): Partial<PreviewedRecord> {
  const { rejected, filtered } = totalCounts(counts);
  if (rejected > 0) {
    const [bad] = badRows;
    const reason = beginningOf(bad?.reason ?? 'no reason is known', REASON_BYTES);
    return { rejected: bad?.column === undefined ? { reason } : { column: bad.column, reason } };
  }
  if (filtered > 0) return { filtered: true };
  const [applied] = policies;
  return {
    skipped: applied
      ? `policies.${applied.policy} is ${applied.action}`
      : 'an array without elements',
  };
}

/** What a row takes beside its bytes, and its record for what is said of all. */
const COMMA_BYTES = 1;
const FRAME_BYTES = 80;
const LEAST_ROW_BYTES = 40;

function shownRows(
  texts: readonly string[],
  { elements, format, room }: { elements: number; format: 'json' | 'csv'; room: number },
): Partial<PreviewedRecord> {
  const rows: unknown[] = [];
  let left = Math.max(room - FRAME_BYTES, LEAST_ROW_BYTES);
  let isAnyShortened = false;
  for (const text of texts) {
    // Only the first row may take all there is: of others the whole ones say more.
    const { row, isShortened } = shownRow(text, format, left);
    if (isShortened && rows.length > 0) break;
    rows.push(row);
    isAnyShortened ||= isShortened;
    left -= jsonBytes(row) + COMMA_BYTES;
    if (left < LEAST_ROW_BYTES) break;
  }
  const leftOut = elements - rows.length;
  return {
    rows,
    ...(leftOut > 0 && { rowsLeftOut: leftOut }),
    ...(isAnyShortened && { shortened: true as const }),
  };
}
