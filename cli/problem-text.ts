import * as z from 'zod';
import { oneLine } from './figures.ts';

/** Of problem details (RFC 9457) what is told to people; the gateway in front of the API knows only `message`. */
const problemAnswer = z.object({
  title: z.string(),
  detail: z.string(),
  code: z.string().optional(),
  errors: z
    .array(
      z.object({
        pointer: z.string().optional(),
        parameter: z.string().optional(),
        header: z.string().optional(),
        detail: z.string(),
      }),
    )
    .optional(),
  requestId: z.string().optional(),
});
type Problem = z.infer<typeof problemAnswer>;

const gatewayAnswer = z.union([
  z.object({ message: z.string() }).transform(({ message }) => message),
  z.object({ Message: z.string() }).transform(({ Message }) => Message),
]);

/** An answer that is no success. */
export class Refused extends Error {
  readonly status: number;
  /** The API's code, where it was the API that refused. */
  readonly code: string | undefined;
  /** The body as it came. */
  readonly body: string;

  constructor(status: number, body: string) {
    const problem = problemIn(body);
    super(problem ? problemText(status, problem) : otherText(status, body));
    this.name = 'Refused';
    this.status = status;
    this.code = problem?.code;
    this.body = body;
  }

  /** The installation is in trouble or does not let us in; nothing was said about the request itself. */
  get isOfInstallation(): boolean {
    return [401, 403, 429].includes(this.status) || this.status >= 500;
  }
}

function problemIn(body: string): Problem | undefined {
  return problemAnswer.safeParse(jsonIn(body)).data;
}

function jsonIn(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function problemText(status: number, { title, detail, errors = [], requestId }: Problem): string {
  const places = errors.map(({ pointer, parameter, header, detail: fault }) => {
    const place = pointer ?? parameter ?? header ?? '';
    return `  ${place === '' ? '' : `${oneLine(place)} `}${oneLine(fault)}`;
  });
  // Only those who run the installation have a use for it, and only when it is at fault.
  const request =
    status >= 500 && requestId !== undefined ? [`  request ${oneLine(requestId)}`] : [];
  return [`${oneLine(title)}: ${oneLine(detail)}`, ...places, ...request].join('\n');
}

const MOST_SHOWN = 300;

function otherText(status: number, body: string): string {
  const said = gatewayAnswer.safeParse(jsonIn(body)).data ?? body.slice(0, MOST_SHOWN);
  const refused = status === 401 || status === 403;
  const what = refused
    ? `the installation refuses these credentials (${status})`
    : `the installation answered with ${status}`;
  return said === '' ? what : `${what}: ${oneLine(said)}`;
}
