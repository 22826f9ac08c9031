import * as z from 'zod';
import { LoadFailure } from '#shared/domain/failure.ts';
import type { WarehouseLink } from './warehouse-link.ts';

/**
 * The state of a label's latest transaction. UNKNOWN: never seen, or forgotten (Doris: twelve hours, or 2,000
 * later transactions of the database).
 */
const LABEL_STATES = [
  'UNKNOWN',
  'PREPARE',
  'PRECOMMITTED',
  'PREPARED',
  'COMMITTED',
  'VISIBLE',
  'ABORTED',
] as const;
export type LabelState = (typeof LABEL_STATES)[number];

const label = z.enum(LABEL_STATES);
/** `{"data": "VISIBLE"}` of Doris, `{"state": "VISIBLE"}` of some versions of StarRocks. */
const answer = z.object({ state: label.optional(), data: z.unknown().optional() });

/**
 * Asks for it.
 *
 * @throws {LoadFailure} what the link throws; SINK_UNREACHABLE for an answer that names no state
 */
export async function askLabelState(
  link: WarehouseLink,
  { database, label: name }: { readonly database: string; readonly label: string },
): Promise<LabelState> {
  const path = `/api/${encodeURIComponent(database)}/get_load_state?label=${encodeURIComponent(name)}`;
  const { body } = await link.ask({ method: 'GET', path, headers: {} });
  const state = readLabelState(body);
  if (state !== undefined) return state;
  throw new LoadFailure(
    'SINK_UNREACHABLE',
    `the destination does not tell the state of label ${name}: ${body.slice(0, 200)}`,
  );
}

/** The state in an answer; undefined when there is none. */
export function readLabelState(body: string): LabelState | undefined {
  try {
    const { state, data } = answer.parse(JSON.parse(body));
    return state ?? label.safeParse(data).data;
  } catch {
    return undefined;
  }
}

/** Whether the rows of such a label count. */
export function isFinished(state: LabelState): boolean {
  return state === 'COMMITTED' || state === 'VISIBLE';
}
