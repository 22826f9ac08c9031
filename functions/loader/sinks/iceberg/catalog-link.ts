import * as z from 'zod';
import { LoadFailure } from '#shared/domain/failure.ts';
import type { IcebergDestination } from '#shared/domain/spec/iceberg-destination.ts';
import { exchange, type HttpAnswer } from '#shared/warehouse/exchange.ts';
import type { Outbound } from '#shared/warehouse/outbound.ts';
import type { CatalogAuthorizer } from './catalog-auth.ts';
import { exactJson, parseExactly } from './exact-json.ts';
import { loadedTable, type TableState } from './table-state.ts';

/** What became of a commit. `unknown`: it may count, may not, or may count later. */
export type CommitAnswer =
  | { readonly kind: 'done' }
  | { readonly kind: 'conflict'; readonly message: string }
  | { readonly kind: 'unknown'; readonly message: string };

/** One table in a catalog that speaks Iceberg's REST protocol. Redirects are not followed. */
export interface CatalogLink {
  /**
   * The table as it is now.
   *
   * @param snapshots `refs`: the newest one is enough; a catalog may show all
   * @throws {LoadFailure} SINK_UNREACHABLE, SINK_THROTTLED, SINK_AUTH_FAILED, SINK_REJECTED (also for no such table)
   */
  load(options: { readonly snapshots: 'refs' | 'all' }): Promise<TableState>;
  /** @throws {LoadFailure} SINK_AUTH_FAILED, SINK_REJECTED: it does not count, and never will */
  commit(request: object): Promise<CommitAnswer>;
}

/** What {@link catalogLink} needs. */
export interface CatalogLinkOptions {
  readonly destination: Pick<IcebergDestination, 'catalog' | 'namespace' | 'table'>;
  readonly outbound: Outbound;
  readonly authorize: CatalogAuthorizer;
  /** Told that the catalog does not take what it was shown. */
  readonly refused?: () => void;
}

/** Metadata names every snapshot that is kept, and every schema that there was. */
const MOST_ANSWER_BYTES = 64 * 1_048_576;

/** Levels of a namespace, in a path. */
const LEVEL = '\u001f';

interface Question {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
}

export function catalogLink(options: CatalogLinkOptions): CatalogLink {
  const { destination, outbound, authorize, refused } = options;
  const { catalog, namespace, table } = destination;
  const base = new URL(catalog.uri);
  const levels = namespace.split('.');
  const ask = async ({ method, path, body }: Question): Promise<HttpAnswer> => {
    const url = new URL(`${base.pathname.replace(/\/+$/, '')}/v1/${path}`, base);
    const tls = url.protocol === 'https:';
    const own = {
      accept: 'application/json',
      host: url.host,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const headers = await authorize({ method, url, body, headers: own });
    const answer = await exchange(outbound, {
      endpoint: {
        host: url.hostname.replace(/^\[|\]$/g, ''),
        port: Number(url.port || (tls ? 443 : 80)),
        tls,
      },
      method,
      path: `${url.pathname}${url.search}`,
      headers,
      body,
      mostAnswerBytes: MOST_ANSWER_BYTES,
    });
    if (answer.status === 401 || answer.status === 419) refused?.();
    return answer;
  };
  let prefix: Promise<string> | undefined;
  const tablePath = async () => {
    prefix ??= askPrefix(ask, catalog.warehouse);
    // A failure is not kept.
    prefix.catch(() => {
      prefix = undefined;
    });
    const path = [encodeURIComponent(levels.join(LEVEL)), 'tables', encodeURIComponent(table)];
    return `${await prefix}namespaces/${path.join('/')}`;
  };
  const shown = `table ${namespace}.${table}`;
  return {
    async load({ snapshots }) {
      const path = `${await tablePath()}?snapshots=${snapshots}`;
      const answer = await ask({ method: 'GET', path });
      if (answer.status !== 200) throw refusal(answer, `load ${shown}`);
      return parsed(loadedTable, answer, shown).metadata;
    },
    async commit(request) {
      const path = await tablePath();
      const identifier = { namespace: levels, name: table };
      const body = exactJson({ identifier, ...request });
      return ask({ method: 'POST', path, body }).then(
        (answer) => commitAnswer(answer, `commit to ${shown}`),
        (error: unknown) => {
          // Whether the request arrived, nobody knows.
          if (!(error instanceof LoadFailure) || error.code !== 'SINK_UNREACHABLE') throw error;
          return { kind: 'unknown', message: error.message };
        },
      );
    },
  };
}

/** What a catalog says of itself and of a warehouse; of it all, where its tables are. */
const config = z.object({
  defaults: z.record(z.string(), z.string().nullable()).optional(),
  overrides: z.record(z.string(), z.string().nullable()).optional(),
});

async function askPrefix(
  ask: (question: Question) => Promise<HttpAnswer>,
  warehouse: string | undefined,
): Promise<string> {
  const query = warehouse === undefined ? '' : `?warehouse=${encodeURIComponent(warehouse)}`;
  const answer = await ask({ method: 'GET', path: `config${query}` });
  if (answer.status !== 200) throw refusal(answer, 'read its configuration');
  const { defaults, overrides } = parsed(config, answer, 'its configuration');
  const prefix = overrides?.prefix ?? defaults?.prefix;
  // As the protocol's own client does it: what the catalog gives is a path already.
  return prefix ? `${prefix.replace(/^\/+|\/+$/g, '')}/` : '';
}

function commitAnswer(answer: HttpAnswer, action: string): CommitAnswer {
  const { status } = answer;
  if (status === 200 || status === 204) return { kind: 'done' };
  const { message } = refusal(answer, action);
  if (status === 409) return { kind: 'conflict', message };
  if (status === 429 || status >= 500) return { kind: 'unknown', message };
  throw refusal(answer, action);
}

function parsed<S extends z.ZodType>(schema: S, { body }: HttpAnswer, what: string): z.infer<S> {
  try {
    return schema.parse(parseExactly(body));
  } catch (cause) {
    const message = `the catalog must show ${what} as the Iceberg REST protocol says: ${
      cause instanceof z.ZodError ? z.prettifyError(cause).slice(0, 300) : 'it is no JSON'
    }`;
    throw new LoadFailure('SINK_REJECTED', message, { cause });
  }
}

const errorBody = z.object({ error: z.object({ message: z.string(), type: z.string() }) });

/** The catalog's own words, which name tables and rules, and what they mean for a job. */
function refusal({ status, body }: HttpAnswer, action: string): LoadFailure {
  const words = errorBody.safeParse(jsonOf(body)).data?.error;
  const said = words ? `: ${words.type}: ${words.message.slice(0, 300)}` : '';
  const message = `the catalog does not ${action}, status ${status}${said}`;
  if (status === 401 || status === 403 || status === 419) {
    return new LoadFailure('SINK_AUTH_FAILED', message);
  }
  if (status === 429 || status === 503) return new LoadFailure('SINK_THROTTLED', message);
  return new LoadFailure(status >= 500 ? 'SINK_UNREACHABLE' : 'SINK_REJECTED', message);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
