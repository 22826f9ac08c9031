import * as z from 'zod';
import type { Job } from '#shared/domain/job.ts';
import { type JobSpec, offsetsSpec } from '#shared/domain/job-spec.ts';
import { alterationFaults } from '../alterable.ts';
import { askPreview, below, maxRecords } from '../ask-preview.ts';
import type { InstallationLimits } from '../deps.ts';
import { findJob } from '../find-job.ts';
import type { Route } from '../find-route.ts';
import { positionOf } from '../job-position.ts';
import { readSnapshot } from '../job-snapshot.ts';
import { mergePatch } from '../merge-patch.ts';
import { type Parsed, required } from '../parsed.ts';
import { readBody } from '../read-body.ts';
import { noParameters, readQuery } from '../read-query.ts';
import { readSpec } from '../read-spec.ts';

const body = z.strictObject({
  /** As for `PATCH`, but for `seek`, in whose place `from` is. */
  patch: z.record(z.string(), z.unknown()).default({}),
  from: offsetsSpec.optional(),
  maxRecords,
});

/**
 * `POST /jobs/{job}/preview`: what would the job make of its next records, or of the bad
 * ones that it paused for, as it is or as a `PATCH` would alter it? By
 * the types that were inferred for it, where they hold. Answers as `POST /previews`; in whatever state the job is,
 * it is not touched.
 */
export const previewJob: Route = {
  method: 'POST',
  path: '/jobs/{job}/preview',
  body,
  run: async (deps, request) => {
    const { options } = required({
      query: readQuery(request, noParameters),
      options: readBody(request, body),
    });
    const job = await findJob(deps.tables, request.parameters.job ?? '');
    const { spec } = required({
      spec: below('/patch', altered(job, options.patch, deps.limits)),
    });
    const { tables } = deps;
    const from = options.from ?? (await positionOf(tables, await readSnapshot(tables, job)));
    return askPreview(deps, request, {
      spec,
      from,
      maxRecords: options.maxRecords,
      jobId: job.id,
    });
  },
};

function altered(job: Job, patch: object, limits: InstallationLimits): Parsed<JobSpec> {
  const spec = readSpec(mergePatch(job.spec, patch), limits, job.spec);
  if (!spec.ok) return spec;
  const faults = alterationFaults(job, spec.value);
  return faults.length > 0 ? { ok: false, faults } : spec;
}
