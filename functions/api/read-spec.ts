import { type JobSpec, jobSpec } from '#shared/domain/job-spec.ts';
import type { InstallationLimits } from './deps.ts';
import { explainIssues } from './explain-issues.ts';
import { installationFaults, withBatchDefaults } from './installation-limits.ts';
import { jsonPointer } from './json-pointer.ts';
import type { Parsed } from './parsed.ts';
import type { Fault } from './problem.ts';

/** A body as a job's specification with all defaults filled in, or all that is wrong with it. */
export function readSpec(
  body: unknown,
  limits: InstallationLimits,
  before?: JobSpec,
): Parsed<JobSpec> {
  if (body === undefined) return { ok: false, faults: [{ pointer: '', detail: 'is required' }] };
  const input = withBatchDefaults(body, limits);
  const parsed = jobSpec.safeParse(input, { reportInput: true });
  const faults: Fault[] = parsed.success
    ? []
    : explainIssues(parsed.error.issues).map(({ path, detail }) => ({
        pointer: jsonPointer(path),
        detail,
      }));
  const told = new Set(faults.map(({ pointer }) => pointer));
  for (const fault of installationFaults(input, limits, before)) {
    if (!told.has(fault.pointer)) faults.push(fault);
  }
  return parsed.success && faults.length === 0
    ? { ok: true, value: parsed.data }
    : { ok: false, faults };
}
