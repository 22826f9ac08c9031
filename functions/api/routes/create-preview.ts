import * as z from 'zod';
import { offsetsSpec } from '#shared/domain/job-spec.ts';
import { askPreview, below, maxRecords } from '../ask-preview.ts';
import type { Route } from '../find-route.ts';
import { required } from '../parsed.ts';
import { readBody } from '../read-body.ts';
import { readJson } from '../read-json.ts';
import { noParameters, readQuery } from '../read-query.ts';
import { readSpec } from '../read-spec.ts';
import type { ApiRequest } from '../request.ts';

const body = z.strictObject({
  /** As for `POST /jobs`, and checked as there; its name may be missing. */
  job: z.unknown().optional(),
  from: offsetsSpec.default('latest'),
  maxRecords,
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
  body,
  run: async (deps, request) => {
    const { spec, options } = required({
      query: readQuery(request, noParameters),
      options: readBody(request, body),
      spec: below('/job', readSpec(named(jobOf(request)), deps.limits)),
    });
    return askPreview(deps, request, {
      spec,
      from: options.from,
      maxRecords: options.maxRecords,
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
