import { basisOf, type InferredTypes } from '#shared/domain/inferred-types.ts';
import type { JobSpec } from '#shared/domain/job-spec.ts';
import {
  MOST_RESULT_BYTES,
  type PreviewedRecord,
  type PreviewResult,
} from '#shared/domain/preview.ts';
import { rowFormatOf } from '#shared/domain/spec/row-format.ts';
import type { TableShape } from '#shared/domain/spec/table-shape.ts';
import type { TransformSettings } from '../open-rows.ts';
import type { RecordConsumer, RecordView } from '../records.ts';
import { openRowWriters, type RowWriters } from '../row-writers.ts';
import { typedSpec } from '../transform/infer/typed-spec.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { outcomesTogether, placeOf } from './outcomes-together.ts';
import type { Picked } from './picked-records.ts';
import type { TextFormat } from './row-texts.ts';
import { shownColumns } from './shown-columns.ts';
import { shownOutcome } from './shown-outcome.ts';
import { shownTransform } from './shown-transform.ts';
import { jsonBytes, shownRecord } from './shown-values.ts';

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

/**
 * What a specification makes of records, by the very code that makes a slice's rows: where bytes will do each record
 * has a writer of its own, so that it is certain which rows are whose; where an engine maps, its rows say whose they are.
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
    const format = rowFormatOf(spec).format === 'csv' ? 'csv' : 'json';
    const counts = { records: 0, rows: 0, elements: 0, filtered: 0, rejected: 0, skipped: 0 };
    const showing = { writers, format, counts, mostBytes: bytesOfEach(picked) } as const;
    const isLate = () => settings.clock.now() >= until;
    const known =
      writers.transform && !isLate()
        ? await outcomesTogether(all, { writers, format, spec })
        : new Map<string, Outcome>();
    const records: PreviewedRecord[] = [];
    for (const each of picked) {
      const outcome = each.record && known.get(placeOf(each.record));
      const isBare = outcome === undefined && isLate();
      records.push(
        isBare ? bareRecord(each, showing.mostBytes) : await showOne(each, outcome, showing),
      );
    }
    return { records, ...columns, counts };
  } finally {
    await writers.close();
  }
}

/** Records as they came, where nothing can be made of them. */
export function bareRecords(picked: readonly Picked[]): PreviewedRecord[] {
  const mostBytes = bytesOfEach(picked);
  return picked.map((each) => bareRecord(each, mostBytes));
}

function bytesOfEach(picked: readonly Picked[]): number {
  return Math.floor(RECORDS_BYTES / Math.max(1, picked.length));
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
  readonly format: TextFormat;
  readonly mostBytes: number;
  /** Added to. */
  readonly counts: Counts;
}

async function showOne(
  { record, withheld }: Picked,
  known: Outcome | undefined,
  { writers, format, mostBytes, counts }: Showing,
): Promise<PreviewedRecord> {
  if (withheld) {
    counts.records += withheld.count;
    counts.rejected += withheld.count;
    const { partition, from, reason } = withheld;
    return { partition, offset: String(from), rejected: { reason } };
  }
  const outcome = known ?? (await outcomeOf(record, { writers, format }));
  counts.records += 1;
  for (const what of ['rows', 'filtered', 'rejected', 'skipped'] as const) {
    if (what in outcome) counts[what] += 1;
  }
  if ('rows' in outcome) counts.elements += outcome.elements;
  const shown = shownRecord(record, mostBytes);
  const room = mostBytes - jsonBytes(shown);
  return { ...shown, ...shownOutcome(outcome, { format, room }) };
}
