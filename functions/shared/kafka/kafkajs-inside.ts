import type { Kafka } from 'kafkajs';
import { LoadFailure } from '../domain/failure.ts';

/**
 * The one file that touches the inside of kafkajs, which is pinned to an exact version for this reason.
 *
 * kafkajs connects, negotiates versions, speaks TLS and authenticates. What is sent over such a connection
 * and how the answer is read is ours: its own decoders make an object of every record, and its metadata
 * request fails as a whole when one topic is missing.
 *
 * Reached into: the private method that makes a `Cluster`, of which the connection pool builder, the broker
 * factory and the logger are taken; a broker's `connect`, `disconnect`, `versions` and connection pool; its
 * connections' `authenticate` and request queues.
 */

/** The version that this file was written against. */
export const KAFKAJS_VERSION = '2.2.4';

const FETCH = 1;

/** One request of Kafka's protocol, its body already encoded. */
export interface RawRequest {
  readonly apiKey: number;
  readonly apiVersion: number;
  /** For error messages. kafkajs treats the name `Fetch` as one whose answer must not be logged. */
  readonly apiName: string;
  readonly body: Buffer;
  /** A version with tagged fields in its headers (KIP-482). Default: false. */
  readonly flexible?: boolean | undefined;
  /** ms to wait for the answer, when longer than the connection's own limit. */
  readonly timeoutMs?: number | undefined;
}

/** Versions of one request that a broker speaks. */
export interface VersionRange {
  readonly min: number;
  readonly max: number;
}

/** Connections to one broker: one for Fetch, one for all else. Every failure is kafkajs' own error. */
export interface BrokerLink {
  /** Connects and authenticates; nothing to do when that is done. */
  connect(): Promise<void>;
  /** Connected at this moment, and authenticated where that is asked for. */
  isConnected(): boolean;
  /** The versions that the broker speaks, by API key. Empty before {@link connect}. */
  versions(): ReadonlyMap<number, VersionRange>;
  /** Sends, connecting first when necessary, and gives the answer's body. */
  send(request: RawRequest): Promise<Buffer>;
  disconnect(): Promise<void>;
}

interface InsideConnection {
  authenticate(): Promise<void>;
}

interface InsideRequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

interface InsidePooled {
  readonly requestQueue: InsideRequestQueue;
  readonly bytesBuffered: number;
  chunks: Buffer[];
  processData(data: Buffer): void;
}

interface InsidePool {
  readonly pool: readonly InsidePooled[];
  send(message: {
    request: { apiKey: number; apiVersion: number; apiName: string; encode(): Promise<unknown> };
    response: {
      decode(payload: Buffer): Promise<Buffer>;
      parse(payload: Buffer): Promise<Buffer>;
    };
    requestTimeout: number | null;
    logResponseError: boolean;
  }): Promise<Buffer>;
  getConnectionByRequest(message: { request: { apiKey: number } }): Promise<InsideConnection>;
}

interface InsideBroker {
  readonly connectionPool: InsidePool;
  readonly versions: Record<string, { minVersion: number; maxVersion: number }> | null;
  connect(): Promise<void>;
  isConnected(): boolean;
  disconnect(): Promise<void>;
}

interface InsideCluster {
  readonly rootLogger: unknown;
  readonly connectionPoolBuilder: {
    /** Without an address that of a seed broker. */
    build(address?: { host: string; port: number }): Promise<InsidePool>;
  };
  readonly brokerPool: {
    createBroker(options: { connectionPool: InsidePool; logger: unknown }): InsideBroker;
  };
}

/**
 * Gives the function that makes a link to one broker with the client's TLS, SASL and time limits.
 * Nothing is sent before the link is used.
 *
 * @throws {LoadFailure} INTERNAL when the inside of kafkajs is not what this file was written against
 */
export function brokerLinks(
  kafka: Kafka,
): (address: { host: string; port: number }) => Promise<BrokerLink> {
  const cluster = openCluster(kafka);
  return async (address) => {
    const connectionPool = await cluster.connectionPoolBuilder.build(address);
    const broker = cluster.brokerPool.createBroker({ connectionPool, logger: cluster.rootLogger });
    requireMethods('Broker', broker, ['connect', 'disconnect', 'isConnected']);
    requireMethods('ConnectionPool', connectionPool, ['send', 'getConnectionByRequest']);
    for (const connection of connectionPool.pool) takeWholeFrames(connection);
    return linkTo(broker);
  };
}

/**
 * Rids a client, and with it all producers, consumers and admins made from then on, of the timers of idle connections.
 *
 * After every answer kafkajs sets a timer to look for requests that wait, also when none does: then with a negative
 * time, which Node 24 warns of (TimeoutNegativeWarning), and again each millisecond for as long as the connection
 * is open (kafkajs issues 1704 and 1751). A request that has to wait sets it anyway.
 *
 * @returns the same client
 * @throws {LoadFailure} INTERNAL when the inside of kafkajs is not what this file was written against
 */
export function withoutIdleTimers(kafka: Kafka): Kafka {
  const { symbol, create } = clusterMaker(kafka);
  Reflect.set(kafka, symbol, (options: unknown) => quietened(create(options)));
  return kafka;
}

function quietened(cluster: InsideCluster): InsideCluster {
  requireMethods('Cluster.connectionPoolBuilder', cluster.connectionPoolBuilder, ['build']);
  const builder = cluster.connectionPoolBuilder;
  const build = builder.build.bind(builder);
  builder.build = async (address) => {
    const pool = await build(address);
    for (const { requestQueue } of pool.pool) quieten(requestQueue);
    return pool;
  };
  return cluster;
}

function quieten(queue: InsideRequestQueue): void {
  requireMethods('RequestQueue', queue, ['scheduleCheckPendingRequests']);
  const schedule = queue.scheduleCheckPendingRequests.bind(queue);
  queue.scheduleCheckPendingRequests = () => {
    if (queue.pending.length > 0) schedule();
  };
}

/**
 * Sockets give whole frames (`framedReading`), which kafkajs would copy behind an empty rest of the one before.
 */
function takeWholeFrames(connection: InsidePooled): void {
  requireMethods('Connection', connection, ['processData']);
  const process = connection.processData.bind(connection);
  connection.processData = (data) => {
    if (connection.bytesBuffered === 0) connection.chunks = [];
    process(data);
  };
}

function openCluster(kafka: Kafka): InsideCluster {
  const cluster = quietened(clusterMaker(kafka).create({ allowAutoTopicCreation: false }));
  requireMethods('Cluster.brokerPool', cluster.brokerPool, ['createBroker']);
  return cluster;
}

function clusterMaker(kafka: Kafka): { symbol: symbol; create(options: unknown): InsideCluster } {
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    (candidate) => candidate.description === 'private:Kafka:createCluster',
  );
  const create: unknown = symbol && Reflect.get(kafka, symbol);
  if (!symbol || typeof create !== 'function') {
    throw changed('Kafka', 'private:Kafka:createCluster');
  }
  return { symbol, create: (options) => create(options) };
}

function linkTo(broker: InsideBroker): BrokerLink {
  const pool = broker.connectionPool;
  const opening = new Map<boolean, Promise<void>>();

  /** kafkajs opens a second socket when two requests at once find the connection closed: one at a time. */
  function open(apiKey: number): Promise<void> {
    const isFetch = apiKey === FETCH;
    const pending = opening.get(isFetch);
    if (pending !== undefined) return pending;
    const begun = (async () => {
      const connection = await pool.getConnectionByRequest({ request: { apiKey } });
      await connection.authenticate();
    })().finally(() => opening.delete(isFetch));
    opening.set(isFetch, begun);
    return begun;
  }

  return {
    connect: () => broker.connect(),
    isConnected: () => broker.isConnected(),
    versions: () =>
      new Map(
        Object.entries(broker.versions ?? {}).map(([apiKey, { minVersion, maxVersion }]) => [
          Number(apiKey),
          { min: minVersion, max: maxVersion },
        ]),
      ),
    async send(request) {
      await broker.connect();
      await open(request.apiKey);
      const answer = await pool.send({
        request: encodable(request),
        response: { decode: async (payload) => payload, parse: async (payload) => payload },
        requestTimeout: request.timeoutMs ?? null,
        logResponseError: false,
      });
      return request.flexible ? withoutHeaderTags(answer, request) : answer;
    },
    disconnect: () => broker.disconnect(),
  };
}

const NO_TAGS = Buffer.from([0]);

/**
 * kafkajs writes request header v1 in front. Header v2 is that plus tagged fields, which may as well
 * stand at the beginning of the body. `buf` is what its encoder looks for in an encoder.
 */
function encodable({ apiKey, apiVersion, apiName, body, flexible }: RawRequest) {
  const buffer = flexible ? Buffer.concat([NO_TAGS, body]) : body;
  return { apiKey, apiVersion, apiName, encode: async () => ({ buf: buffer, buffer }) };
}

/** Response header v1 is the correlation id, which kafkajs has read, plus tagged fields. */
function withoutHeaderTags(answer: Buffer, { apiName }: RawRequest): Buffer {
  if (answer[0] !== 0) {
    throw new LoadFailure('KAFKA_ERROR', `the header of an answer to ${apiName} must have no tags`);
  }
  return answer.subarray(1);
}

function requireMethods(owner: string, object: unknown, methods: readonly string[]): void {
  for (const method of methods) {
    const found =
      typeof object === 'object' && object !== null ? Reflect.get(object, method) : undefined;
    if (typeof found !== 'function') throw changed(owner, method);
  }
}

function changed(owner: string, member: string): LoadFailure {
  return new LoadFailure(
    'INTERNAL',
    `kafkajs must be ${KAFKAJS_VERSION}: its ${owner} has no ${member}`,
  );
}
