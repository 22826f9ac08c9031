import * as z from 'zod';
import { HISTORY_KINDS, type HistoryEntry } from '#shared/domain/job.ts';
import { JOB_STATES } from '#shared/domain/job-state.ts';
import type { ShownPage } from '../filtered-page.ts';
import { stableJson } from '../stable-json.ts';
import { cursorView, reasonView, time, viewReason, viewTime } from './parts.ts';

/** A page of what happened to a job, newest first. */
export const historyView = z.strictObject({
  entries: z.array(
    z.strictObject({
      id: z.string(),
      at: time,
      kind: z.enum(HISTORY_KINDS),
      from: z.enum(JOB_STATES).optional(),
      to: z.enum(JOB_STATES).optional(),
      reason: reasonView,
      detail: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
  cursor: cursorView,
});

/** A page of a job's history. */
export function viewHistory({
  items,
  cursor,
}: ShownPage<HistoryEntry>): z.input<typeof historyView> {
  return {
    entries: items.map(({ id, at, kind, from, to, reason, detail }) => ({
      id,
      at: viewTime(at),
      kind,
      from,
      to,
      reason: viewReason(reason),
      // The store keeps maps without an order.
      detail: detail && JSON.parse(stableJson(detail)),
    })),
    cursor,
  };
}
