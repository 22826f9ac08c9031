import type { APIGatewayProxyEventV2WithIAMAuthorizer } from 'aws-lambda';

/** An HTTP request, as far as the event shows it. */
export interface HttpRequest {
  readonly method: string;
  /** Path and query as they stood in the request line. */
  readonly target: string;
  readonly headers: NodeJS.Dict<string[]>;
  readonly body: Buffer;
  readonly sourceIp: string;
  readonly requestId: string;
  /** Epoch ms. */
  readonly now: number;
}

const TEXT = /^(text\/|application\/(json|javascript|xml)|[^;]*\+json)/i;

/** Nobody is asked to sign requests on one machine; this is who the handler sees instead. */
const LOCAL_CALLER = {
  accessKey: 'LOCAL',
  accountId: '000000000000',
  callerId: 'LOCAL',
  cognitoIdentity: null,
  principalOrgId: '',
  userArn: 'arn:aws:iam::000000000000:user/local',
  userId: 'LOCAL',
} as const;

/**
 * A payload 2.0 event, as API Gateway builds it: names of headers in lower case, repeated headers and
 * query parameters joined by commas, cookies apart, a body that is not text in base64.
 */
export function toGatewayEvent(request: HttpRequest): APIGatewayProxyEventV2WithIAMAuthorizer {
  const { path, query } = splitTarget(request.target);
  const { cookie, ...others } = request.headers;
  const headers = joined(others);
  const isText = request.body.length === 0 || TEXT.test(headers['content-type'] ?? 'text/plain');
  const parameters = new URLSearchParams(query);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    ...(cookie && { cookies: cookie.flatMap((line) => line.split(/;\s*/)) }),
    headers,
    ...(parameters.size > 0 && {
      queryStringParameters: Object.fromEntries(
        [...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name).join(',')]),
      ),
    }),
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      authorizer: { iam: LOCAL_CALLER },
      domainName: headers.host ?? 'localhost',
      domainPrefix: 'local',
      http: {
        method: request.method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: request.requestId,
      routeKey: '$default',
      stage: '$default',
      time: commonLogTime(request.now),
      timeEpoch: request.now,
    },
    ...(request.body.length > 0 && { body: request.body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: !isText,
  };
}

/** API Gateway hands the path over decoded. One that does not decode is left as it came. */
function splitTarget(target: string): { path: string; query: string } {
  const mark = target.indexOf('?');
  const raw = mark === -1 ? target : target.slice(0, mark);
  const query = mark === -1 ? '' : target.slice(mark + 1);
  try {
    return { path: decodeURIComponent(raw), query };
  } catch {
    return { path: raw, query };
  }
}

function joined(headers: NodeJS.Dict<string[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, values]) => [name.toLowerCase(), (values ?? []).join(',')]),
  );
}

/** `22/Nov/2026:12:20:00 +0000` */
function commonLogTime(now: number): string {
  const [, day, month, year, time] = new Date(now).toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}
