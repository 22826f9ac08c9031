import * as z from 'zod';
import { type ApiProblem, PROBLEM_CODES, PROBLEMS } from '../problem.ts';

/** Problem details (RFC 9457), with `code` for programs, and the extensions `errors`, `jobId` and `requestId`. */
export const problemView = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string(),
  code: z.enum(PROBLEM_CODES),
  errors: z
    .array(
      z.strictObject({
        /** RFC 6901, into the body. */
        pointer: z.string().optional(),
        /** Of the query. */
        parameter: z.string().optional(),
        header: z.string().optional(),
        detail: z.string(),
      }),
    )
    .optional(),
  jobId: z.string().optional(),
  /** For those who run the installation: it stands in the function's log. */
  requestId: z.string(),
});

/** A problem as it is sent. `type` is a name, not an address: there is no page behind it. */
export function viewProblem(
  problem: ApiProblem,
  { path, requestId }: { readonly path: string; readonly requestId: string },
): z.input<typeof problemView> {
  const { code, message, faults, jobId } = problem;
  return {
    type: `urn:problem-type:routine-load:${code.toLowerCase().replaceAll('_', '-')}`,
    ...PROBLEMS[code],
    detail: message,
    instance: path,
    code,
    errors: faults.length > 0 ? faults.map((fault) => ({ ...fault })) : undefined,
    jobId,
    requestId,
  };
}
