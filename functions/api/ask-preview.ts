import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as z from 'zod';
import { newPreview, PREVIEW_RECORDS, type PreviewRequest } from '#shared/domain/preview.ts';
import { insertPreview } from '#shared/store/previews.ts';
import { answer } from './answer.ts';
import type { ApiDeps } from './deps.ts';
import { offsetsSizeFaults } from './installation-limits.ts';
import { jsonPointer } from './json-pointer.ts';
import type { Parsed } from './parsed.ts';
import { type Fault, invalidRequest } from './problem.ts';
import type { ApiRequest } from './request.ts';
import { previewView, viewPreview } from './views/preview-view.ts';

const { most, usual } = PREVIEW_RECORDS;

/** `maxRecords` of a request for a preview. */
export const maxRecords = z.int().min(1).max(most).default(usual);

/**
 * Puts a preview, for a loader to make.
 *
 * @returns 202 with the preview, and its `location`
 * @throws {ApiProblem} INVALID_REQUEST for more offsets than an item has room for, and for partitions that the job does not load
 */
export async function askPreview(
  { tables, clock, newId }: ApiDeps,
  { base }: ApiRequest,
  asked: PreviewRequest,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { spec, from } = asked;
  const faults = [...offsetsSizeFaults(spec, from, '/from'), ...partitionFaults(asked)];
  if (faults.length > 0) throw invalidRequest(faults);
  const preview = newPreview(newId(), asked, clock.now());
  await insertPreview(tables, preview);
  return answer(previewView, viewPreview(preview), {
    status: 202,
    headers: { location: `${base}/previews/${preview.id}` },
  });
}

function partitionFaults({ spec, from }: PreviewRequest): Fault[] {
  const { partitions } = spec.source.kafka;
  if (partitions === undefined || typeof from !== 'object' || 'timestamp' in from) return [];
  const strange = Object.keys(from).filter((partition) => !partitions.includes(Number(partition)));
  const detail = 'must be one of the partitions of the job';
  return strange.map((partition) => ({ pointer: jsonPointer(['from', partition]), detail }));
}

/** Faults of what stands in a field of the body, as faults of the body. */
export function below<T>(pointer: string, parsed: Parsed<T>): Parsed<T> {
  if (parsed.ok) return parsed;
  const faults = parsed.faults.map((fault) => ({
    ...fault,
    pointer: `${pointer}${fault.pointer ?? ''}`,
  }));
  return { ok: false, faults };
}
