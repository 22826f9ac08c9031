import * as z from 'zod';
import type { JobSpecInput } from '#shared/domain/job-spec.ts';

/** What this runner reads of a job that the API shows; everything else in the answer is let be. */
const jobView = z.object({
  id: z.string(),
  name: z.string(),
  state: z.string(),
  reason: z.object({ code: z.string(), message: z.string() }),
  note: z.object({ code: z.string(), message: z.string() }).optional(),
  lag: z.object({
    partitions: z.record(z.string(), z.object({ next: z.string().regex(/^\d+$/) })),
  }),
  statistics: z.object({
    rows: z.number(),
    bytes: z.number(),
    filtered: z.number(),
    rejected: z.number(),
  }),
});
export type JobView = z.infer<typeof jobView>;

/** The API, as any user calls it. Both throw an Error with the answer when it is not one hoped for. */
export interface JobClient {
  /** @returns false when a job of that name is there already */
  create(spec: JobSpecInput): Promise<boolean>;
  /** `undefined` when there is no such job. */
  show(name: string): Promise<JobView | undefined>;
}

/** Calls the API at `url`. */
export function jobClient(url: string): JobClient {
  return {
    create: async (spec) => {
      const response = await fetch(`${url}/jobs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(spec),
      });
      const body = await response.text();
      if (response.ok) return true;
      if (response.status === 409) return false;
      throw refused(`POST /jobs for ${spec.name}`, response.status, body);
    },
    show: async (name) => {
      const response = await fetch(`${url}/jobs/${encodeURIComponent(name)}`);
      const body = await response.text();
      if (response.status === 404) return undefined;
      if (!response.ok) throw refused(`GET /jobs/${name}`, response.status, body);
      return jobView.parse(JSON.parse(body));
    },
  };
}

function refused(request: string, status: number, body: string): Error {
  return new Error(`${request} was answered with ${status}: ${body.slice(0, 1_000)}`);
}
