import * as z from 'zod';
import { FAILURE_CODES } from '#shared/domain/failure.ts';
import { PREVIEW_STATUSES, type Preview, previewResult } from '#shared/domain/preview.ts';
import { time, viewOptionalTime, viewTime } from './parts.ts';

/** A preview as it is sent. What a loader found stands beside the rest, absent until it has; without rows where it failed on them. */
export const previewView = z.strictObject({
  id: z.string(),
  status: z.enum(PREVIEW_STATUSES),
  failure: z.strictObject({ code: z.enum(FAILURE_CODES), message: z.string() }).optional(),
  createdAt: time,
  finishedAt: time.optional(),
  /** When it is forgotten. */
  expiresAt: time,
  ...previewResult.partial().shape,
});

/** A preview as it is now. */
export function viewPreview(preview: Preview): z.input<typeof previewView> {
  const { id, status, failure, createdAt, finishedAt, expiresAt, result } = preview;
  return {
    id,
    status,
    failure: failure && { ...failure },
    createdAt: viewTime(createdAt),
    finishedAt: viewOptionalTime(finishedAt),
    expiresAt: viewTime(expiresAt),
    ...result,
  };
}
