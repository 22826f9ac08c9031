import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { DorisOptions } from '../doris/doris-double.ts';
import { FaultQueue } from '../doris/fault-queue.ts';
import { loadColumns } from '../doris/keyed-table.ts';
import {
  countRows,
  type RowRules,
  type RowsTaken,
  stripArrays,
  takeRows,
} from '../doris/rows-taken.ts';
import {
  bodyOf,
  type ClusterServer,
  headerOf,
  loginOf,
  redirect,
  type SeenRequest,
  sendJson,
  startServer,
} from '../doris/servers.ts';
import { Transactions } from '../doris/transactions.ts';
import { TransactionSteps } from './transaction-steps.ts';

/**
 * Stands in for a StarRocks cluster: the transaction interface of Stream Load over frontends and backends. Only
 * the last frontend leads: the others redirect to it, and it redirects loads to a backend.
 */

/** Each comes to pass once, in the order in which it was asked for. */
export type StarrocksFault =
  | 'die-in-load'
  | 'lose-prepare-answer'
  | 'lose-commit-answer'
  | 'commit-publish-timeout'
  | 'die-before-commit'
  | 'too-many-versions'
  /** The transaction ends by its idle timeout before it is prepared. */
  | 'gone-before-prepare'
  /** A frontend answers 503. */
  | 'unavailable'
  /** A frontend or a backend takes `slowMs` before it looks at a request. */
  | 'slow';

export interface StarrocksDouble {
  readonly frontends: readonly ClusterServer[];
  readonly backends: readonly ClusterServer[];
  readonly transactions: Transactions;
  readonly seen: SeenRequest[];
  readonly rules: RowRules;
  readonly login: { user: string; password: string };
  /** How it names a label's state: at the top, or as Doris. */
  stateStyle: 'state' | 'data';
  redirectTo: string | undefined;
  slowMs: number;
  /** Those that are still to come. */
  readonly faults: FaultQueue<StarrocksFault>;
  failNext(fault: StarrocksFault): void;
  addresses(): string[];
  close(): Promise<void>;
}

export async function startStarrocks(options: DorisOptions = {}): Promise<StarrocksDouble> {
  const cluster = new StarrocksCluster(options.keepsRows ?? true);
  await cluster.start(options.frontends ?? 1, options.backends ?? 1);
  return cluster;
}

const STEP = /^\/api\/transaction\/(begin|load|prepare|commit|rollback)$/;
const STATE = /^\/api\/([^/]+)\/get_load_state$/;

class StarrocksCluster implements StarrocksDouble {
  readonly frontends: ClusterServer[] = [];
  readonly backends: ClusterServer[] = [];
  readonly transactions = new Transactions();
  readonly #steps = new TransactionSteps(
    this.transactions,
    (log) => `http://${this.backends[0]!.address}/api/_load_error_log?file=${log}`,
  );
  readonly seen: SeenRequest[] = [];
  readonly rules: RowRules = {};
  readonly login = { user: 'loader', password: 'pass:wörd' };
  stateStyle: 'state' | 'data' = 'state';
  redirectTo: string | undefined;
  slowMs = 3_000;
  readonly faults = new FaultQueue<StarrocksFault>();
  readonly #keepsRows: boolean;

  constructor(keepsRows: boolean) {
    this.#keepsRows = keepsRows;
  }

  async start(frontends: number, backends: number): Promise<void> {
    for (let i = 0; i < backends; i += 1) {
      this.backends.push(
        await startServer(`be${i}`, (...call) => this.#backend(...call), this.seen),
      );
    }
    for (let i = 0; i < frontends; i += 1) {
      const leads = i === frontends - 1;
      const serve = (request: IncomingMessage, response: ServerResponse) =>
        this.#frontend(request, response, { leads });
      this.frontends.push(await startServer(`fe${i}`, serve, this.seen));
    }
  }

  failNext(fault: StarrocksFault): void {
    this.faults.add(fault);
  }

  addresses(): string[] {
    return this.frontends.map(({ address }) => address);
  }

  async close(): Promise<void> {
    await Promise.all([...this.frontends, ...this.backends].map((server) => server.stop()));
  }

  async #frontend(
    request: IncomingMessage,
    response: ServerResponse,
    { leads }: { leads: boolean },
  ): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://fe');
    if (this.faults.strikes('slow')) await delay(this.slowMs);
    if (this.faults.strikes('unavailable')) {
      return sendJson(response, { status: 'FAILED', msg: 'Service Unavailable' }, 503);
    }
    if (url.pathname === '/api/health') {
      const health = { online_backend_num: this.backends.length, total_backend_num: 3 };
      return sendJson(response, { ...health, status: 'OK' });
    }
    const given = loginOf(request);
    if (given?.user !== this.login.user || given.password !== this.login.password) {
      return sendJson(response, { Status: 'FAILED', Message: 'Access denied for loader' }, 401);
    }
    if (!leads) return redirect(request, response, this.frontends.at(-1)!.address);
    if (STATE.test(url.pathname)) {
      const state = this.#steps.stateOf(url.searchParams.get('label') ?? '');
      return sendJson(
        response,
        this.stateStyle === 'state'
          ? { state, status: 'OK', msg: 'Success' }
          : { code: '0', msg: 'Success', data: state },
      );
    }
    const step = STEP.exec(url.pathname)?.[1];
    const fault = this.#faultOf(request, step);
    if (fault) return sendJson(response, { Status: 'FAILED', Message: fault });
    if (step === 'load') {
      return redirect(request, response, this.redirectTo ?? this.backends[0]!.address);
    }
    return this.#step(request, response, step ?? '');
  }

  #faultOf(request: IncomingMessage, step: string | undefined): string | undefined {
    if (step === undefined) return 'no such interface';
    if (request.headers.expect === undefined) return 'There is no 100-continue header';
    if (!headerOf(request, 'label')) return 'Empty label.';
    if (!headerOf(request, 'db')) return 'No database selected.';
    if ((step === 'begin' || step === 'load') && !headerOf(request, 'table')) {
      return 'No table selected.';
    }
    return undefined;
  }

  async #step(request: IncomingMessage, response: ServerResponse, step: string): Promise<void> {
    const label = headerOf(request, 'label')!;
    if (step === 'begin')
      return sendJson(response, this.#steps.begin(label, headerOf(request, 'table')!));
    if (step === 'commit' && this.faults.strikes('die-before-commit')) {
      request.destroy();
      return;
    }
    const answer = this.#answer(step, label);
    const lost =
      (step === 'prepare' && this.faults.strikes('lose-prepare-answer')) ||
      (step === 'commit' && this.faults.strikes('lose-commit-answer'));
    if (lost) request.destroy();
    else sendJson(response, answer);
  }

  #answer(step: string, label: string): object {
    switch (step) {
      case 'prepare': {
        const transaction = this.transactions.latest(label);
        if (transaction && this.faults.strikes('gone-before-prepare')) {
          transaction.state = 'ABORTED';
        }
        return this.#steps.prepare(label);
      }
      case 'commit': {
        const isFirst = this.transactions.latest(label)?.state === 'PRECOMMITTED';
        const publishTimeout = isFirst && this.faults.strikes('commit-publish-timeout');
        return this.#steps.commit(label, { publishTimeout });
      }
      default:
        return this.#steps.rollback(label);
    }
  }

  async #backend(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://be');
    if (this.faults.strikes('slow')) await delay(this.slowMs);
    if (url.pathname === '/api/_load_error_log') {
      response.end(this.#steps.errorLogs[Number(url.searchParams.get('file'))]);
      return;
    }
    const label = headerOf(request, 'label') ?? '';
    const fault = this.#steps.loadFault(label);
    if (fault) return sendJson(response, fault);
    response.writeContinue();
    if (this.faults.strikes('die-in-load')) {
      await new Promise((resolve) => request.once('data', resolve));
      request.destroy();
      return;
    }
    const taken = await this.#rowsOf(request);
    const tooManyVersions = this.faults.strikes('too-many-versions');
    const transaction = this.transactions.latest(label);
    if (transaction) transaction.columns = loadColumns(request, '__op');
    sendJson(response, this.#steps.load(label, taken, { tooManyVersions }));
  }

  async #rowsOf(request: IncomingMessage): Promise<RowsTaken> {
    if (!this.#keepsRows) return countRows(request);
    const body = stripArrays(await bodyOf(request), headerOf(request, 'strip_outer_array'));
    return takeRows(body, headerOf(request, 'format') ?? 'csv', this.rules);
  }
}
