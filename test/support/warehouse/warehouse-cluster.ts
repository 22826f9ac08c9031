import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { FaultQueue } from '../fault-queue.ts';
import { countRows, type RowRules, type RowsTaken, stripArrays, takeRows } from './rows-taken.ts';
import {
  bodyOf,
  type ClusterServer,
  headerOf,
  loginOf,
  type SeenRequest,
  startServer,
} from './servers.ts';
import { Transactions } from './transactions.ts';

/** How many servers; `keepsRows` false only counts rows. */
export interface ClusterOptions {
  readonly frontends?: number;
  readonly backends?: number;
  /** @default true */
  readonly keepsRows?: boolean;
}

/** What stands in for a cluster of Doris or StarRocks has: servers, transactions, and faults that are still to come. */
export abstract class WarehouseCluster<Fault extends string> {
  readonly frontends: ClusterServer[] = [];
  readonly backends: ClusterServer[] = [];
  readonly transactions = new Transactions();
  /** Everything that any server was asked, in order. */
  readonly seen: SeenRequest[] = [];
  readonly rules: RowRules = {};
  readonly login = { user: 'loader', password: 'pass:wörd' };
  /** What a backend does with each piece of a body before it reads the next. */
  onBytes: ((count: number) => Promise<void>) | undefined;
  /** Where frontends redirect to, instead of to a backend that lives. */
  redirectTo: string | undefined;
  slowMs = 3_000;
  /** Those that are still to come. */
  readonly faults = new FaultQueue<Fault | 'slow'>();
  readonly #keepsRows: boolean;

  constructor({ keepsRows = true }: ClusterOptions) {
    this.#keepsRows = keepsRows;
  }

  async start({ frontends = 1, backends = 1 }: ClusterOptions): Promise<this> {
    for (let i = 0; i < backends; i += 1) {
      this.backends.push(await this.#serve(`be${i}`, (...call) => this.backend(...call)));
    }
    for (let i = 0; i < frontends; i += 1) {
      const isLast = i === frontends - 1;
      this.frontends.push(
        await this.#serve(`fe${i}`, (...call) => this.frontend(...call, { isLast })),
      );
    }
    return this;
  }

  /** What comes to pass once, later; `slow`: a server takes `slowMs` before it looks at a request. */
  failNext(fault: Fault | 'slow'): void {
    this.faults.add(fault);
  }

  addresses(): string[] {
    return this.frontends.map(({ address }) => address);
  }

  async close(): Promise<void> {
    await Promise.all([...this.frontends, ...this.backends].map((server) => server.stop()));
  }

  /** Where a backend shows the rows that it has rejected. */
  errorLogUrl(log: number): string {
    return `http://${this.backends[0]!.address}/api/_load_error_log?file=${log}`;
  }

  /** What a frontend answers. They answer without reading a body, and close. */
  protected abstract frontend(
    request: IncomingMessage,
    response: ServerResponse,
    server: { readonly isLast: boolean },
  ): Promise<void>;

  protected abstract backend(request: IncomingMessage, response: ServerResponse): Promise<void>;

  protected knows(request: IncomingMessage): boolean {
    const given = loginOf(request);
    return given?.user === this.login.user && given.password === this.login.password;
  }

  /** The rows of a load, as its headers say that they are to be read. */
  protected async rowsOf(request: IncomingMessage): Promise<RowsTaken> {
    if (!this.#keepsRows) return countRows(request);
    const text = await bodyOf(request, this.onBytes);
    const body = stripArrays(text, headerOf(request, 'strip_outer_array'));
    return takeRows(body, headerOf(request, 'format') ?? 'csv', this.rules);
  }

  #serve(
    name: string,
    answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  ): Promise<ClusterServer> {
    const serve = async (request: IncomingMessage, response: ServerResponse) => {
      if (this.faults.strikes('slow')) await delay(this.slowMs);
      return answer(request, response);
    };
    return startServer(name, serve, this.seen);
  }
}
