import * as z from 'zod';
import { offsetsSpec } from '#shared/domain/job-spec.ts';
import { newPreview, PREVIEW_RECORDS } from '#shared/domain/preview.ts';
import { insertPreview } from '#shared/store/previews.ts';
import { answer } from '../answer.ts';
import type { Route } from '../find-route.ts';
import { offsetsSizeFaults } from '../installation-limits.ts';
import { type Parsed, required } from '../parsed.ts';
import { invalidRequest } from '../problem.ts';
import { readBody } from '../read-body.ts';
import { readJson } from '../read-json.ts';
import { noParameters, readQuery } from '../read-query.ts';
import { readSpec } from '../read-spec.ts';
import type { ApiRequest } from '../request.ts';
import { previewView, viewPreview } from '../views/preview-view.ts';

const { most, usual } = PREVIEW_RECORDS;

const body = z.strictObject({
  /** As for `POST /jobs`, and checked as there; its name may be missing. */
  job: z.unknown().optional(),
  from: offsetsSpec.default('latest'),
  maxRecords: z.int().min(1).max(most).default(usual),
});

/** For what has no name: it appears nowhere. */
const NAME = 'preview';

/**
 * `POST /previews`: what would the job make of some records of its topic? 202 with the preview, which waits for a
 * loader, and its `location`. It touches no job and no destination, and is forgotten after an hour.
 */
export const createPreview: Route = {
  method: 'POST',
  path: '/previews',
  run: async ({ tables, clock, newId, limits }, request) => {
    const { spec, options } = required({
      query: readQuery(request, noParameters),
      options: readBody(request, body),
      spec: below('/job', readSpec(named(jobOf(request)), limits)),
    });
    const { from, maxRecords } = options;
    const faults = offsetsSizeFaults(spec, from, '/from');
    if (faults.length > 0) throw invalidRequest(faults);
    const preview = newPreview(newId(), { spec, from, maxRecords }, clock.now());
    await insertPreview(tables, preview);
    return answer(previewView, viewPreview(preview), {
      status: 202,
      headers: { location: `${request.base}/previews/${preview.id}` },
    });
  },
};

function jobOf(request: ApiRequest): unknown {
  const read = readJson(request, ['application/json']);
  return typeof read === 'object' && read !== null && 'job' in read ? read.job : undefined;
}

function named(job: unknown): unknown {
  const isObject = typeof job === 'object' && job !== null && !Array.isArray(job);
  return isObject ? { name: NAME, ...job } : job;
}

function below<T>(pointer: string, parsed: Parsed<T>): Parsed<T> {
  if (parsed.ok) return parsed;
  return {
    ok: false,
    faults: parsed.faults.map((fault) => ({
      ...fault,
      pointer: `${pointer}${fault.pointer ?? ''}`,
    })),
  };
}
