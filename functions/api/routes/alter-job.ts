import * as z from 'zod';
import {
  type ChangeStamp,
  changeSpec,
  type JobChange,
  seekAfter,
} from '#shared/domain/change-job.ts';
import type { Job } from '#shared/domain/job.ts';
import { type JobSpec, offsetsSpec } from '#shared/domain/job-spec.ts';
import type { Task } from '#shared/domain/task.ts';
import { alterationFaults } from '../alterable.ts';
import { answer } from '../answer.ts';
import { changeJob } from '../change-job.ts';
import type { ApiDeps } from '../deps.ts';
import { explainIssues } from '../explain-issues.ts';
import type { Route } from '../find-route.ts';
import { offsetsSizeFaults } from '../installation-limits.ts';
import { inDoubt, inFlight, readSnapshot } from '../job-snapshot.ts';
import { jsonPointer } from '../json-pointer.ts';
import { mergePatch } from '../merge-patch.ts';
import { type Parsed, required } from '../parsed.ts';
import { ApiProblem } from '../problem.ts';
import { readJson } from '../read-json.ts';
import { noParameters, readQuery } from '../read-query.ts';
import { readSpec } from '../read-spec.ts';
import { stableJson } from '../stable-json.ts';
import { jobView, viewJob } from '../views/job-view.ts';

/** As everywhere in a merge patch, null takes away what stands there. */
const soughtOffsets = offsetsSpec.nullable().optional();
type SoughtOffsets = z.output<typeof soughtOffsets>;

/** A merge patch can have any part of a specification, and null for it; only the whole is judged. */
const alteration = z.looseObject({ seek: soughtOffsets });

/**
 * `PATCH /jobs/{job}`: a JSON merge patch over the specification, and `seek`, which is no part of it: the offsets,
 * in the form of `startOffsets`, at which the next division begins to read, or null to withdraw those. Only while the job is PAUSED
 * and has no task in flight, since those run by the specification they began with; or COMPLETED, for its dead
 * letters, but then nothing moves its offsets.
 */
export const alterJob: Route = {
  method: 'PATCH',
  path: '/jobs/{job}',
  body: alteration,
  run: async (deps, request) => {
    const body = readJson(request, ['application/merge-patch+json', 'application/json']);
    const query = readQuery(request, noParameters);
    const changed = await changeJob(deps, request.parameters.job ?? '', async (job, stamp) => {
      const { spec, seek } = required({ query, ...readAlteration(deps, job, body) });
      await demandQuiet(deps, job, { moves: seek !== undefined && seek !== null });
      return alter(job, { spec, seek }, stamp);
    });
    const snapshot = await readSnapshot(deps.tables, changed);
    return answer(jobView, viewJob(snapshot, { now: deps.clock.now(), cycleMs: deps.cycleMs }));
  },
};

function readAlteration(
  { limits }: ApiDeps,
  job: Job,
  body: unknown,
): { spec: Parsed<JobSpec>; seek: Parsed<SoughtOffsets> } {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    const faults = [{ pointer: '', detail: 'must be an object: a JSON merge patch' }];
    return { spec: { ok: false, faults }, seek: { ok: true, value: undefined } };
  }
  const { seek, ...patch } = body as Readonly<Record<string, unknown>>;
  const spec = readSpec(mergePatch(job.spec, patch), limits, job.spec);
  if (!spec.ok) return { spec, seek: readSeek(seek) };
  const faults = [
    ...alterationFaults(job, spec.value),
    ...offsetsSizeFaults(spec.value, seekAfter(job, seek), '/seek'),
  ];
  return {
    spec: faults.length > 0 ? { ok: false, faults } : spec,
    seek: readSeek(seek, spec.value),
  };
}

function readSeek(seek: unknown, spec?: JobSpec): Parsed<SoughtOffsets> {
  const parsed = soughtOffsets.safeParse(seek, { reportInput: true });
  if (!parsed.success) {
    const faults = explainIssues(parsed.error.issues).map(({ path, detail }) => ({
      pointer: jsonPointer(['seek', ...path]),
      detail,
    }));
    return { ok: false, faults };
  }
  const fixed = spec?.source.kafka.partitions;
  const { data } = parsed;
  if (fixed === undefined || typeof data !== 'object' || data === null || 'timestamp' in data) {
    return { ok: true, value: data };
  }
  const strange = Object.keys(data).filter((partition) => !fixed.includes(Number(partition)));
  if (strange.length === 0) return { ok: true, value: data };
  const detail = 'must be one of the partitions of the job';
  return {
    ok: false,
    faults: strange.map((partition) => ({ pointer: jsonPointer(['seek', partition]), detail })),
  };
}

/** @param wish `moves`: offsets are to be moved, which the lane of a task in doubt cannot be */
async function demandQuiet(
  { tables }: ApiDeps,
  job: Job,
  wish: { readonly moves: boolean },
): Promise<void> {
  demandState(job, wish);
  const snapshot = await readSnapshot(tables, job);
  const busy = inFlight(snapshot);
  if (busy.length > 0) {
    throw new ApiProblem(
      'TASKS_IN_FLIGHT',
      `the job is ${job.state}, but ${busy.length} of its tasks are still in flight and end first: ${someIds(busy)}`,
    );
  }
  const doubtful = inDoubt(snapshot);
  if (!wish.moves || doubtful.length === 0) return;
  throw new ApiProblem(
    'TASKS_IN_DOUBT',
    `offsets cannot be moved before it is known whether the rows of its tasks in doubt are in the destination: ${someIds(doubtful)}; look, then POST /jobs/${job.id}/tasks/{task}/resolve`,
  );
}

function demandState({ state, redrive }: Job, { moves }: { readonly moves: boolean }): void {
  if (state === 'PAUSED') return;
  if (state !== 'COMPLETED') {
    const message = `the job must be PAUSED to be altered, or COMPLETED, it is ${state}`;
    throw new ApiProblem('JOB_NOT_PAUSED', message);
  }
  if (moves) {
    const message = 'a job that is COMPLETED loads its topic no more: it has no seek';
    throw new ApiProblem('JOB_NOT_PAUSED', message);
  }
  if (redrive === undefined) return;
  const message = 'its dead letters are being loaded again; that ends first';
  throw new ApiProblem('TASKS_IN_FLIGHT', message);
}

function someIds(tasks: readonly Task[]): string {
  const ids = tasks.slice(0, 10).map(({ id }) => id);
  return ids.join(', ');
}

function alter(
  job: Job,
  { spec, seek: given }: { readonly spec: JobSpec; readonly seek: SoughtOffsets },
  stamp: ChangeStamp,
): JobChange | undefined {
  const seek = given === null && job.seek === undefined ? undefined : given;
  const isSame = seek === undefined && stableJson(spec) === stableJson(job.spec);
  return isSame ? undefined : changeSpec(job, { ...stamp, spec, seek });
}
