import * as z from 'zod';
import type { FailureCode } from './failure.ts';
import type { JobSpec, OffsetsSpec } from './job-spec.ts';

/**
 * Previews: what a specification would make of some records of its topic. Nothing is loaded, and no job, lane or offset
 * knows of them. A loader makes one; what nobody takes, or nobody finishes, has failed by the clock alone.
 */

/** What became of a preview. DONE and FAILED are final. */
export const PREVIEW_STATUSES = ['PENDING', 'RUNNING', 'DONE', 'FAILED'] as const;
/** One of {@link PREVIEW_STATUSES}. */
export type PreviewStatus = (typeof PREVIEW_STATUSES)[number];

/** Records that a preview may ask for, and how many it does when it does not say. */
export const PREVIEW_RECORDS = { most: 100, usual: 20 } as const;

/** ms until a preview is forgotten. */
const PREVIEW_KEPT_MS = 3_600_000;

/** ms within which a loader has to take it: Lambda throws away what found no room for two minutes. */
const PREVIEW_START_MS = 180_000;

/** ms in which a loader has to make it, reading included. */
export const PREVIEW_TIME_MS = 60_000;

/** How much longer than that a loader's word is waited for; ms. */
const LATE_MS = 15_000;

/** What is to be previewed. */
export interface PreviewRequest {
  readonly spec: JobSpec;
  /** `latest`: the last records before the end, for all partitions or for one. A list names all that are read. */
  readonly from: OffsetsSpec;
  readonly maxRecords: number;
  /** A job whose inferred types count, where they hold. */
  readonly jobId?: string | undefined;
}

const count = z.int().min(0);
const offset = z.string().regex(/^\d+$/);

const record = z.strictObject({
  partition: count,
  offset,
  /** Epoch ms, as `_timestamp`. */
  timestamp: z.number().optional(),
  /** The beginning of the key, or null; where it is not UTF-8, `keyBase64`. */
  key: z.string().nullable().optional(),
  keyBase64: z.string().optional(),
  /** The beginning of the value, or null; where it is not UTF-8, `valueBase64`. */
  value: z.string().nullable().optional(),
  valueBase64: z.string().optional(),
  /** Of the whole value. */
  valueBytes: count.optional(),
  /** As they are written or sent: JSON as such, CSV as text; what is too long as the beginning of its text. */
  rows: z.array(z.unknown()).optional(),
  /** Rows of it beyond those. */
  rowsLeftOut: count.optional(),
  /** Whether texts within its rows were cut. */
  shortened: z.literal(true).optional(),
  rejected: z.strictObject({ column: z.string().optional(), reason: z.string() }).optional(),
  filtered: z.literal(true).optional(),
  /** Why. */
  skipped: z.string().optional(),
});

/** What a loader found out. At most {@link MOST_RESULT_BYTES} of JSON. */
export const previewResult = z.strictObject({
  /** Of the rows. */
  rowFormat: z.enum(['ndjson', 'csv', 'parquet']),
  /** A warehouse gets rows as they are shown, and maps and filters them by itself. */
  mappedBy: z.enum(['loader', 'warehouse']),
  /** Where records were looked for, by partition; `to` does not belong to it. */
  read: z.record(z.string(), z.strictObject({ from: offset, to: offset })),
  records: z.array(record),
  /** A type is absent where nothing says it. */
  columns: z.array(z.strictObject({ name: z.string(), type: z.string().optional() })),
  columnsLeftOut: count.optional(),
  /** Of the records that there was time for, and the rows that they made: `elements`. */
  counts: z.strictObject({
    records: count,
    rows: count,
    elements: count,
    filtered: count,
    rejected: count,
    skipped: count,
  }),
});
/** See {@link previewResult}. */
export type PreviewResult = z.infer<typeof previewResult>;
/** One record, and what became of it: one of rows, rejected, filtered and skipped; none where there was no time for it. */
export type PreviewedRecord = PreviewResult['records'][number];
/** A column as it is written. */
export type PreviewedColumn = PreviewResult['columns'][number];

/** An item has room for 400 KB. */
export const MOST_RESULT_BYTES = 262_144;

/** Why a preview failed. */
export interface PreviewFailure {
  readonly code: FailureCode;
  readonly message: string;
}

/** A preview. Times are epoch ms. */
export interface Preview {
  readonly id: string;
  readonly status: PreviewStatus;
  /** Absent when it is over. */
  readonly request?: PreviewRequest | undefined;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** Who took it. There is one try, so that its owner is fence enough. */
  readonly owner?: string | undefined;
  readonly leaseUntil?: number | undefined;
  readonly finishedAt?: number | undefined;
  readonly failure?: PreviewFailure | undefined;
  readonly result?: PreviewResult | undefined;
}

/** A new preview. */
export function newPreview(id: string, request: PreviewRequest, now: number): Preview {
  return { id, status: 'PENDING', request, createdAt: now, expiresAt: now + PREVIEW_KEPT_MS };
}

/** Whether a loader may still begin. */
export function mayTake({ status, createdAt }: Preview, now: number): boolean {
  return status === 'PENDING' && now <= createdAt + PREVIEW_START_MS;
}

/** Until when a loader that takes a preview now holds it. */
export function leaseFrom(now: number): number {
  return now + PREVIEW_TIME_MS + LATE_MS;
}

/** A preview as it is at a time: one that nobody took or nobody finished has failed. */
export function previewAt(preview: Preview, now: number): Preview {
  const { status, createdAt, leaseUntil } = preview;
  if (status === 'PENDING' && now > createdAt + PREVIEW_START_MS + LATE_MS) {
    const message = `no loader has taken it within ${PREVIEW_START_MS} ms; ask for another`;
    return { ...preview, status: 'FAILED', failure: { code: 'OUT_OF_TIME', message } };
  }
  if (status === 'RUNNING' && now > (leaseUntil ?? createdAt)) {
    const message = 'the loader that took it was lost; ask for another';
    return { ...preview, status: 'FAILED', failure: { code: 'LOADER_LOST', message } };
  }
  return preview;
}
