import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** A request as the routes see it. */
export interface ApiRequest {
  readonly method: string;
  /** Decoded by the gateway; without the stage. */
  readonly path: string;
  /** What comes before every path of this API: the stage, or nothing. */
  readonly base: string;
  /** The parts of the path that the route leaves open, by name. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

/** A payload 2.0 event as a request; its route's parameters are not known yet. */
export function toRequest(event: APIGatewayProxyEventV2): ApiRequest {
  const { stage, http } = event.requestContext;
  const base = stage === '$default' ? '' : `/${stage}`;
  const hasBase = base !== '' && event.rawPath.startsWith(`${base}/`);
  return {
    method: http.method,
    path: hasBase ? event.rawPath.slice(base.length) : event.rawPath,
    base: hasBase ? base : '',
    parameters: {},
    query: new URLSearchParams(event.rawQueryString),
    headers: event.headers,
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
  };
}
