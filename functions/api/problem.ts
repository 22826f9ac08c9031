/** What the API refuses, and how it says so: problem details of RFC 9457. */

/** Every code that an answer can carry, with its status and its title. */
export const PROBLEMS = {
  INVALID_REQUEST: { status: 400, title: 'The request is faulty' },
  BODY_NOT_JSON: { status: 400, title: 'The body is not JSON' },
  ROUTE_NOT_FOUND: { status: 404, title: 'There is no such address' },
  JOB_NOT_FOUND: { status: 404, title: 'There is no such job' },
  TASK_NOT_FOUND: { status: 404, title: 'There is no such task' },
  PREVIEW_NOT_FOUND: { status: 404, title: 'There is no such preview' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'The address does not take this method' },
  NAME_TAKEN: { status: 409, title: 'Another job holds this name' },
  ILLEGAL_STATE_CHANGE: { status: 409, title: 'The state of the job forbids it' },
  JOB_NOT_PAUSED: { status: 409, title: 'Only a paused job can be altered' },
  TASKS_IN_FLIGHT: { status: 409, title: 'The job still has tasks in flight' },
  TASKS_IN_DOUBT: { status: 409, title: 'The job has tasks in doubt' },
  TASK_NOT_IN_DOUBT: { status: 409, title: 'The task is not in doubt' },
  NO_DEAD_LETTERS: { status: 409, title: 'There are no dead letters to load again' },
  CHANGED_MEANWHILE: { status: 409, title: 'Others keep changing the job' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'The body has an unsupported media type' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, title: 'The idempotency key stands for another request' },
  INTERNAL: { status: 500, title: 'Something unexpected went wrong' },
  STORE_UNAVAILABLE: { status: 503, title: 'The store is not available' },
} as const satisfies Record<string, { status: number; title: string }>;
export type ProblemCode = keyof typeof PROBLEMS;

/** The codes as a non-empty tuple, for schemas. */
export const PROBLEM_CODES = Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]];

/** One fault of a request: where, by exactly one of pointer (JSON pointer into the body), parameter and header; and what. */
export interface Fault {
  readonly pointer?: string;
  readonly parameter?: string;
  readonly header?: string;
  readonly detail: string;
}

/** The one error that routes raise on purpose. `detail` says what, got and allowed, and never a secret. */
export class ApiProblem extends Error {
  readonly code: ProblemCode;
  readonly faults: readonly Fault[];
  readonly headers: Readonly<Record<string, string>>;
  /** The job that stands in the way. */
  readonly jobId: string | undefined;

  constructor(
    code: ProblemCode,
    detail: string,
    options: {
      readonly faults?: readonly Fault[];
      readonly headers?: Readonly<Record<string, string>>;
      readonly jobId?: string;
      readonly cause?: unknown;
    } = {},
  ) {
    super(detail, { cause: options.cause });
    this.name = 'ApiProblem';
    this.code = code;
    this.faults = options.faults ?? [];
    this.headers = options.headers ?? {};
    this.jobId = options.jobId;
  }

  /** The HTTP status that goes with the code. */
  get status(): number {
    return PROBLEMS[this.code].status;
  }
}

/** An answer never lists more than this many: a hostile body could name a hundred thousand. */
const MOST_FAULTS = 100;

/** All faults of a request as one problem. */
export function invalidRequest(faults: readonly Fault[]): ApiProblem {
  const shown = faults.slice(0, MOST_FAULTS);
  const more = faults.length - shown.length;
  return new ApiProblem(
    'INVALID_REQUEST',
    `${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}, see errors${more > 0 ? ` (the first ${MOST_FAULTS})` : ''}`,
    { faults: shown },
  );
}
