import * as z from 'zod';

/** What an answer of the transaction interface means, whichever version wrote it. */
export type TransactionAnswer =
  | { readonly kind: 'ok'; readonly message: string; readonly counts: TransactionCounts }
  /** The label is in use. `state` is `RUNNING`, `PREPARED`, `FINISHED` or absent. */
  | { readonly kind: 'label-exists'; readonly state: string | undefined; readonly message: string }
  /** It was committed before. */
  | { readonly kind: 'committed-before'; readonly message: string }
  | { readonly kind: 'aborted-before'; readonly message: string }
  /** StarRocks knows no such transaction, or not any more. */
  | { readonly kind: 'unknown'; readonly message: string }
  /** Refused because no row was left to load, which is no error of ours. */
  | { readonly kind: 'no-rows'; readonly message: string; readonly counts: TransactionCounts }
  | { readonly kind: 'failed'; readonly message: string };

/** What StarRocks counted; absent in answers that count nothing. */
interface TransactionCounts {
  readonly total: number | undefined;
  readonly rejected: number;
  readonly unselected: number;
  readonly errorUrl: string | undefined;
}

const answer = z.object({
  Status: z.string(),
  Message: z.string().default(''),
  ExistingJobStatus: z.string().optional(),
  NumberTotalRows: z.number().optional(),
  NumberFilteredRows: z.number().default(0),
  NumberUnselectedRows: z.number().default(0),
  ErrorURL: z.string().optional(),
});

/** "Transcation" is how StarRocks writes it. */
const UNKNOWN =
  /TXN_NOT_EXISTS?|trans(ac|ca)tion not exists?|no transaction found|transaction .*not found/i;
const COMMITTED = /already (been )?committed|can not abort (visible|committed)/i;
const NO_ROWS = /no data to load|have no load data|no partitions have data/i;
const ABORTED = /can not commit aborted|already (been )?aborted/i;

/** Reads an answer; texts are searched, since versions differ. */
export function readTransactionAnswer(body: string): TransactionAnswer {
  const parsed = answer.safeParse(jsonOf(body));
  if (!parsed.success) {
    return {
      kind: 'failed',
      message: `an answer that is none of StarRocks: ${body.slice(0, 200)}`,
    };
  }
  const { Status, Message: message, ExistingJobStatus: state } = parsed.data;
  if (/^label.already.exists$/i.test(Status)) return { kind: 'label-exists', state, message };
  if (COMMITTED.test(message)) return { kind: 'committed-before', message };
  // Committed, and not yet visible everywhere.
  if (/publish.?timeout/i.test(`${Status} ${message}`)) return ok(parsed.data);
  if (/^(ok|success)$/i.test(Status)) return ok(parsed.data);
  if (NO_ROWS.test(message)) return { kind: 'no-rows', message, counts: countsOf(parsed.data) };
  if (ABORTED.test(message)) return { kind: 'aborted-before', message };
  if (UNKNOWN.test(message)) return { kind: 'unknown', message };
  return { kind: 'failed', message: message || Status };
}

function ok(data: z.infer<typeof answer>): TransactionAnswer {
  return { kind: 'ok', message: data.Message, counts: countsOf(data) };
}

function countsOf(data: z.infer<typeof answer>): TransactionCounts {
  return {
    total: data.NumberTotalRows,
    rejected: data.NumberFilteredRows,
    unselected: data.NumberUnselectedRows,
    errorUrl: data.ErrorURL || undefined,
  };
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
