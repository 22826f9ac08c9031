import { LoadFailure } from '#shared/domain/failure.ts';
import type { Login } from '#shared/kafka/secrets.ts';
import {
  exchange,
  type HttpAnswer,
  type HttpRequest,
  openUpload,
  type Upload,
} from '#shared/warehouse/exchange.ts';
import { frontendTurns, parseFrontend } from '#shared/warehouse/frontend-turns.ts';
import { type Endpoint, endpointText, type Outbound } from '#shared/warehouse/outbound.ts';
import { redirectTarget, type TlsUse } from './redirect.ts';

/** The servers of one destination, as its sink speaks with them. */
export interface WarehouseLink {
  /** Sends a request without a body to a frontend, and on to where that redirects. */
  ask(request: LinkRequest): Promise<HttpAnswer>;
  /** Asks a frontend where to, by a request without a body, and begins the upload there. */
  upload(request: LinkRequest): Promise<Upload>;
  /** The text behind a URL that the destination gave; asked for without credentials. */
  read(url: string): Promise<string>;
}

/** A request to whichever frontend answers. */
type LinkRequest = Omit<HttpRequest, 'endpoint'>;

/** What {@link warehouseLink} needs. */
export interface WarehouseLinkOptions {
  readonly outbound: Outbound;
  /** `host:port` each. */
  readonly frontends: readonly string[];
  readonly tls: TlsUse;
  /** Reads the login anew after {@link WarehouseLinkOptions.loginRefused}. */
  readonly login: () => Promise<Login>;
  readonly loginRefused: () => void;
  /** How often one request may be redirected. */
  readonly mostHops: number;
}

/**
 * The link. Frontends are tried in turn while they, or the backends they redirect to, cannot be reached; all
 * requests are safe to repeat. Credentials go to allowed hosts only. A login that is refused is read
 * again from its secret and tried once more, since secrets rotate.
 *
 * @throws {LoadFailure} (its methods) SINK_UNREACHABLE, SINK_AUTH_FAILED, SINK_REJECTED, SECRET_UNAVAILABLE,
 * SECRET_UNUSABLE
 */
export function warehouseLink(options: WarehouseLinkOptions): WarehouseLink {
  const { outbound, tls } = options;
  const frontends = options.frontends.map((text) => parseFrontend(text, tls !== false));
  const inTurn = frontendTurns(frontends);

  async function withLogin<T>(work: (login: Login) => Promise<T>): Promise<T> {
    try {
      return await work(await options.login());
    } catch (error) {
      if (!(error instanceof LoadFailure) || error.code !== 'SINK_AUTH_FAILED') throw error;
      options.loginRefused();
      return work(await options.login());
    }
  }

  const hop = (answer: HttpAnswer, { endpoint }: HttpRequest, hops: number) => {
    if (hops < options.mostHops) return redirectTarget(answer.location, endpoint, tls);
    throw new LoadFailure(
      'SINK_REJECTED',
      `${endpointText(endpoint)} redirects a request that was redirected ${hops} times, allowed: ${options.mostHops}`,
    );
  };

  async function follow(request: HttpRequest): Promise<HttpAnswer> {
    let current = request;
    for (let hops = 0; ; hops += 1) {
      const answer = await exchange(outbound, current);
      if (answer.status !== 307) return answer;
      current = { ...current, ...hop(answer, current, hops) };
    }
  }

  /** The frontend is asked without a body, as it closes the connection behind its answer and reads none. */
  async function uploadBy(request: HttpRequest): Promise<Upload> {
    const probe = { ...request, headers: { ...request.headers, expect: '100-continue' } };
    let answer = await exchange(outbound, probe);
    requireAnswer(answer);
    if (answer.status !== 307) throw refusedBy(request.endpoint, answer);
    let current = request;
    for (let hops = 0; ; hops += 1) {
      current = { ...current, ...hop(answer, current, hops) };
      const upload = await openUpload(outbound, current);
      // Another frontend, the leader, says where to go as well.
      if (upload.early?.status !== 307) return upload;
      answer = upload.early;
    }
  }

  return {
    ask: (request) =>
      withLogin((login) =>
        inTurn(async (endpoint) => {
          const { headers, ca } = as(login, request);
          const asked = { ...headers, expect: '100-continue' };
          const answer = await follow({ ...request, headers: asked, ca, endpoint });
          requireAnswer(answer);
          return answer;
        }),
      ),
    upload: (request) =>
      withLogin((login) =>
        inTurn((endpoint) => uploadBy({ ...request, endpoint, ...as(login, request) })),
      ),
    async read(url) {
      const { endpoint, path } = redirectTarget(url, frontends[0] as Endpoint, tls);
      const { ca } = await options.login();
      const answer = await exchange(outbound, { endpoint, method: 'GET', path, headers: {}, ca });
      return answer.status === 200 ? answer.body : '';
    },
  };
}

/** What of a request follows from the login. */
function as(
  { username, password, ca }: Login,
  { headers }: Pick<HttpRequest, 'headers'>,
): Pick<HttpRequest, 'headers' | 'ca'> {
  const encoded = Buffer.from(`${username}:${password}`).toString('base64');
  return { headers: { ...headers, authorization: `Basic ${encoded}` }, ca };
}

/** Texts of several versions: 401 as a status or as a code in the body, and words of backends. */
const REFUSED_CODE = /"code"\s*:\s*401\b/;
const REFUSED_LOGIN = /\[?NOT_AUTHORIZED\b|access denied|unauthorized/i;

/**
 * Whether the destination itself has answered, knows our login and lets it do this.
 *
 * @throws {LoadFailure} SINK_AUTH_FAILED; SINK_UNREACHABLE for what stands before a destination that is down: both
 * speak of their own failures with a status of 200, or with words of theirs behind a 500
 */
export function requireAnswer({ status, body }: HttpAnswer): void {
  const isRefused = status === 401 || status === 403 || REFUSED_CODE.test(body.slice(0, 4_096));
  // In its own words only: the answer to a load quotes bad rows, which may speak of anything.
  if (isRefused || REFUSED_LOGIN.test(messageIn(body) ?? body.slice(0, 4_096))) {
    throw new LoadFailure(
      'SINK_AUTH_FAILED',
      `the destination refuses the login: ${messageIn(body) ?? `HTTP ${status}`}`,
    );
  }
  if (status > 500 || (status === 500 && messageIn(body) === undefined)) {
    throw new LoadFailure('SINK_UNREACHABLE', `the destination is not up: HTTP ${status}`);
  }
}

function refusedBy(endpoint: Endpoint, { status, body }: HttpAnswer): LoadFailure {
  const message = messageIn(body) ?? `HTTP ${status}`;
  const passes = status >= 500 || /no (alive )?backend|backend.* not available/i.test(message);
  return new LoadFailure(
    passes ? 'SINK_UNREACHABLE' : 'SINK_REJECTED',
    `frontend ${endpointText(endpoint)} does not take the load: ${message}`,
  );
}

/** What an answer says in words, of whichever version it is; undefined when it is no JSON of theirs. */
function messageIn(body: string): string | undefined {
  try {
    const { Message, msg, data } = JSON.parse(body);
    const text = [Message, data, msg].find((part) => typeof part === 'string' && part !== '');
    return text === undefined ? undefined : String(text).slice(0, 1_000);
  } catch {
    return undefined;
  }
}
