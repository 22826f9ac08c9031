import * as z from 'zod';
import type { LoadFailure } from '#shared/domain/failure.ts';
import { refusedLoad } from '../stream-load/load-failure.ts';

const answer = z.object({
  TwoPhaseCommit: z.union([z.string(), z.boolean()]).optional(),
  Status: z.string(),
  ExistingJobStatus: z.string().optional(),
  Message: z.string().default(''),
  NumberTotalRows: z.number().default(0),
  NumberFilteredRows: z.number().default(0),
  NumberUnselectedRows: z.number().default(0),
  ErrorURL: z.string().optional(),
  FirstErrorMsg: z.string().optional(),
});

/** What Doris counted, and where it tells about bad rows. */
export interface LoadCounts {
  readonly total: number;
  readonly rejected: number;
  readonly unselected: number;
  readonly errorUrl: string | undefined;
  readonly firstError: string | undefined;
}

/** What a backend's answer to a Stream Load in two phases means. */
export type LoadResult =
  /** Prepared: durable and invisible. */
  | { readonly kind: 'prepared'; readonly txn: string; readonly counts: LoadCounts }
  /** No row was left to load; nothing is prepared, and nothing need be. */
  | { readonly kind: 'empty'; readonly counts: LoadCounts }
  /** The label is in use. `state` is `RUNNING`, `PRECOMMITTED`, `FINISHED` or absent. */
  | { readonly kind: 'label-exists'; readonly state: string | undefined; readonly message: string }
  /** The rows are visible already: this destination does not commit in two phases. */
  | { readonly kind: 'committed-at-once' }
  | { readonly kind: 'failed'; readonly failure: LoadFailure };

/** Doris refuses a transaction without rows (`empty_load_as_error`), which is no error of ours. */
const NO_ROWS = /no data to load|have no load data/i;

/** Reads the answer; 64-bit ids stay text. */
export function readLoadResult(body: string): LoadResult {
  const parsed = answer.safeParse(jsonOf(body));
  if (!parsed.success) return { kind: 'failed', failure: refusedLoad(otherAnswer(body)) };
  const { Status, Message, ExistingJobStatus, TwoPhaseCommit } = parsed.data;
  const counts = countsOf(parsed.data);
  switch (Status) {
    case 'Success':
    case 'Publish Timeout': {
      if (String(TwoPhaseCommit) !== 'true') return { kind: 'committed-at-once' };
      const txn = /"TxnId"\s*:\s*(\d+)/.exec(body)?.[1];
      if (txn === undefined) return { kind: 'failed', failure: refusedLoad('it names no TxnId') };
      return { kind: 'prepared', txn, counts };
    }
    case 'Label Already Exists':
      return { kind: 'label-exists', state: ExistingJobStatus, message: Message };
    default:
      if (NO_ROWS.test(Message)) return { kind: 'empty', counts };
      return { kind: 'failed', failure: refusedLoad(Message || Status) };
  }
}

function countsOf(data: z.infer<typeof answer>): LoadCounts {
  return {
    total: data.NumberTotalRows,
    rejected: data.NumberFilteredRows,
    unselected: data.NumberUnselectedRows,
    errorUrl: data.ErrorURL || undefined,
    firstError: data.FirstErrorMsg || undefined,
  };
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** A frontend's refusal, `{"status":"FAILED","msg":"..."}`, or what a proxy says. */
function otherAnswer(body: string): string {
  const refusal = z.object({ msg: z.string() }).safeParse(jsonOf(body));
  return refusal.success
    ? refusal.data.msg
    : `an answer that is none of Doris: ${body.slice(0, 200)}`;
}
