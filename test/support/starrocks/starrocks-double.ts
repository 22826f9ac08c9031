import type { IncomingMessage, ServerResponse } from 'node:http';
import { loadColumns } from '../warehouse/keyed-table.ts';
import { headerOf, redirect, sendJson } from '../warehouse/servers.ts';
import { type ClusterOptions, WarehouseCluster } from '../warehouse/warehouse-cluster.ts';
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
  | 'unavailable';

/** Starts a cluster of StarRocks, one frontend and one backend unless told otherwise. */
export async function startStarrocks(options: ClusterOptions = {}): Promise<StarrocksDouble> {
  return new StarrocksDouble(options).start(options);
}

const STEP = /^\/api\/transaction\/(begin|load|prepare|commit|rollback)$/;
const STATE = /^\/api\/([^/]+)\/get_load_state$/;

/** Made by {@link startStarrocks}; to be closed. */
export class StarrocksDouble extends WarehouseCluster<StarrocksFault> {
  /** How it names a label's state: at the top, or as Doris. */
  stateStyle: 'state' | 'data' = 'state';
  readonly #steps = new TransactionSteps(this.transactions, (log) => this.errorLogUrl(log));

  protected async frontend(
    request: IncomingMessage,
    response: ServerResponse,
    { isLast: leads }: { readonly isLast: boolean },
  ): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://fe');
    if (this.faults.strikes('unavailable')) {
      return sendJson(response, { status: 'FAILED', msg: 'Service Unavailable' }, 503);
    }
    if (url.pathname === '/api/health') {
      const health = { online_backend_num: this.backends.length, total_backend_num: 3 };
      return sendJson(response, { ...health, status: 'OK' });
    }
    if (!this.knows(request)) {
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

  protected async backend(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://be');
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
    const taken = await this.rowsOf(request);
    const tooManyVersions = this.faults.strikes('too-many-versions');
    const transaction = this.transactions.latest(label);
    if (transaction) transaction.columns = loadColumns(request, '__op');
    sendJson(response, this.#steps.load(label, taken, { tooManyVersions }));
  }
}
