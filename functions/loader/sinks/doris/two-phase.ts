import * as z from 'zod';

/** What an answer to `_stream_load_2pc` means, whichever version wrote it. */
export type TwoPhaseAnswer =
  | { readonly kind: 'done' }
  /** It was committed before. */
  | { readonly kind: 'committed-before' }
  | { readonly kind: 'aborted-before'; readonly message: string }
  /** Doris knows no such transaction, or not any more. */
  | { readonly kind: 'unknown'; readonly message: string }
  /** Anything else; the transaction may be as it was. */
  | { readonly kind: 'failed'; readonly message: string };

const answer = z.object({ status: z.string(), msg: z.string().default('') });

/** Reads an answer; texts are searched, since prefixes and punctuation differ between versions. */
export function readTwoPhaseAnswer(body: string): TwoPhaseAnswer {
  const parsed = answer.safeParse(lowerKeys(body));
  if (!parsed.success) {
    return { kind: 'failed', message: `an answer that is none of Doris: ${body.slice(0, 200)}` };
  }
  const { status, msg: message } = parsed.data;
  if (/^(success|ok)$/i.test(status)) return { kind: 'done' };
  // Committed, and not yet visible everywhere.
  if (/publish[ _]timeout/i.test(`${status} ${message}`)) return { kind: 'done' };
  if (/is already (visible|committed)/i.test(message)) return { kind: 'committed-before' };
  if (/is already aborted/i.test(message)) return { kind: 'aborted-before', message };
  if (/transaction.* not found/i.test(message)) return { kind: 'unknown', message };
  return { kind: 'failed', message: message || status };
}

/** Backends answer with lower-case keys, some versions like a load's answer. */
function lowerKeys(body: string): unknown {
  try {
    const entries = Object.entries(JSON.parse(body)).map(([key, value]) => [
      key.toLowerCase(),
      value,
    ]);
    const { message, ...fields } = Object.fromEntries(entries);
    return { msg: message, ...fields };
  } catch {
    return undefined;
  }
}
