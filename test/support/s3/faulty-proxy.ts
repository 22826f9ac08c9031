import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { FaultQueue } from '../fault-queue.ts';

/** Each comes to pass once, with the next request that it fits. */
export type S3ProxyFault =
  /** 503 SlowDown instead of an answer. */
  | 'slow-down'
  /** 500 InternalError instead of an answer. */
  | 'internal-error'
  /** A completion is done, and its answer is lost. */
  | 'lose-completion'
  /** A completion is done, and answered with a 500. */
  | 'fail-behind-completion'
  /** A request waits for `slowMs` before it is passed on. */
  | 'slow';

/** Stands before an S3 server and lets requests fail as told. */
export interface FaultyProxy {
  readonly endpoint: string;
  /** Those that are still to come. */
  readonly faults: FaultQueue<S3ProxyFault>;
  /**
   * Resets all that comes, and does `work` once the server has answered everything that it had begun: S3 itself
   * loses no half of a request, as a mock that is killed in the midst of one may.
   */
  whileDown(work: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** @param slowMs for the fault `slow` */
export async function startFaultyProxy(server: string, slowMs: number): Promise<FaultyProxy> {
  const proxy = new HttpProxy(server, slowMs);
  await proxy.start();
  return proxy;
}

const ERRORS = {
  'slow-down': { status: 503, code: 'SlowDown' },
  'internal-error': { status: 500, code: 'InternalError' },
} as const;

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

class HttpProxy implements FaultyProxy {
  readonly faults = new FaultQueue<S3ProxyFault>();
  readonly #to: URL;
  readonly #slowMs: number;
  readonly #server = createServer((incoming, response) => {
    this.#serve(incoming, response).catch(() => incoming.destroy());
  });
  readonly #underWay = new Set<Promise<unknown>>();
  #isDown = false;

  constructor(server: string, slowMs: number) {
    this.#to = new URL(server);
    this.#slowMs = slowMs;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async start(): Promise<void> {
    this.#server.on('clientError', (_, socket) => socket.destroy());
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async whileDown(work: () => Promise<void>): Promise<void> {
    this.#isDown = true;
    this.#server.closeAllConnections();
    await Promise.allSettled(this.#underWay);
    await work();
    this.#isDown = false;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await wholeOf(incoming);
    if (this.faults.strikes('slow')) await delay(this.#slowMs);
    if (this.#isDown) return void incoming.destroy();
    for (const [fault, { status, code }] of Object.entries(ERRORS)) {
      if (this.faults.strikes(fault as keyof typeof ERRORS)) return refuse(response, status, code);
    }
    const passed = this.#pass(incoming, body);
    this.#underWay.add(passed);
    const answer = await passed.finally(() => this.#underWay.delete(passed));
    const completes = incoming.method === 'POST' && /[?&]uploadId=/.test(incoming.url ?? '');
    if (completes && answer.status === 200) {
      if (this.faults.strikes('lose-completion')) return void incoming.destroy();
      if (this.faults.strikes('fail-behind-completion')) {
        return refuse(response, 500, 'InternalError');
      }
    }
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  #pass(incoming: IncomingMessage, body: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const { 'transfer-encoding': _, expect: __, ...headers } = incoming.headers;
      const outgoing = request(
        {
          host: this.#to.hostname,
          port: this.#to.port,
          method: incoming.method,
          path: incoming.url,
          headers: { ...headers, 'content-length': body.length },
        },
        (answer) => {
          wholeOf(answer).then((whole) => {
            const { 'transfer-encoding': ___, ...kept } = answer.headers;
            resolve({ status: answer.statusCode ?? 502, headers: kept, body: whole });
          }, reject);
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(
    `<?xml version="1.0"?><Error><Code>${code}</Code><Message>by chance</Message></Error>`,
  );
}

async function wholeOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
