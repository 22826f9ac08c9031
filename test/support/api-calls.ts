import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { makeApi } from '../../functions/api/api.ts';
import type { ApiDeps } from '../../functions/api/deps.ts';
import { type Clock, systemClock } from '../../functions/shared/clock.ts';
import { newId } from '../../functions/shared/new-id.ts';
import type { Tables } from '../../functions/shared/store/tables.ts';
import { toGatewayEvent } from '../../infra/local/gateway-event.ts';

/** The API's handler, called with real payload 2.0 events. */

export interface ApiReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: tests read what the answer says, and fail where it does not
  readonly body: any;
  readonly text: string;
}

export interface CallOptions {
  /** Sent as JSON; a string or a buffer as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `call('GET /jobs?limit=3')` */
export type Call = (request: string, options?: CallOptions) => Promise<ApiReply>;

interface LogLine {
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface TestApi {
  readonly call: Call;
  readonly logged: LogLine[];
}

/** A clock that stands still until a test moves it. */
export interface StillClock extends Clock {
  forward(ms: number): void;
}

export function makeStillClock(start = Date.parse('2026-03-01T12:00:00Z')): StillClock {
  let now = start;
  return {
    now: () => now,
    sleep: systemClock.sleep,
    forward: (ms) => {
      now += ms;
    },
  };
}

/** The API over the tables, in an installation that allows little. */
export function apiOver(tables: Tables, deps: Partial<ApiDeps> = {}): TestApi {
  const logged: LogLine[] = [];
  const handler = makeApi({
    tables,
    clock: systemClock,
    newId,
    log: (message, facts) => logged.push({ message, facts }),
    cycleMs: 60_000,
    retentionDays: 7,
    limits: {
      MAX_BATCH_ROWS: 1_000_000,
      MAX_BATCH_BYTES: 1_073_741_824,
      ALLOWED_BROKERS: ['127.0.0.1', '*.kafka.test'],
      ALLOWED_DESTINATIONS: ['*'],
      ALLOWED_ENDPOINTS: undefined,
      ALLOWED_REGISTRIES: ['*'],
      FILE_DIRECTORIES: ['/data/tables', '/data/other'],
    },
    ...deps,
  });
  const call: Call = async (request, { body, headers = {} } = {}) => {
    const [method = 'GET', target = '/'] = request.split(' ');
    const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
    const event = toGatewayEvent({
      method,
      target,
      headers: Object.fromEntries(
        Object.entries({
          ...(body !== undefined && { 'content-type': 'application/json' }),
          host: '127.0.0.1',
          ...headers,
        }).map(([name, value]) => [name, [value]]),
      ),
      body: body === undefined ? Buffer.alloc(0) : Buffer.from(isRaw ? body : JSON.stringify(body)),
      sourceIp: '127.0.0.1',
      requestId: randomUUID(),
      now: systemClock.now(),
    });
    return toReply(await handler(event, {} as Context));
  };
  return { call, logged };
}

/** What a handler gives back. */
export function toReply(result: APIGatewayProxyStructuredResultV2): ApiReply {
  const text = result.body ?? '';
  return {
    status: result.statusCode ?? 0,
    headers: (result.headers ?? {}) as Record<string, string>,
    text,
    body: JSON.parse(text),
  };
}

/** A specification as small as it can be. */
export function smallSpec(name: string, more: object = {}) {
  return {
    name,
    source: { kafka: { brokers: ['b-1.kafka.test:9092'], topic: 'flights' } },
    destination: { file: { table: 'flights' } },
    ...more,
  };
}
