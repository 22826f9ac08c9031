import type { IncomingMessage, ServerResponse } from 'node:http';
import { loadColumns } from '../warehouse/keyed-table.ts';
import { bodyOf, type ClusterServer, headerOf, redirect, sendJson } from '../warehouse/servers.ts';
import { type ClusterOptions, WarehouseCluster } from '../warehouse/warehouse-cluster.ts';
import { StreamLoads } from './stream-loads.ts';
import { answerTwoPhase, type TextStyle } from './two-phase-texts.ts';

/**
 * Stands in for an Apache Doris cluster: Stream Load over frontends and backends, in two phases. It checks what
 * the real one checks, answers in its words, and keeps rows, so that tests compare sets.
 */

/** Each comes to pass once, in the order in which it was asked for. */
export type DorisFault =
  /** The backend resets the connection behind half a body. */
  | 'die-in-load'
  /** It pre-commits, and its answer is lost. */
  | 'lose-load-answer'
  | 'too-many-versions'
  | 'no-backend'
  /** It commits at once, as a version that knows no two phases. */
  | 'ignore-two-phases'
  /** It commits, and the answer is lost. */
  | 'lose-commit-answer'
  | 'commit-publish-timeout'
  /** A frontend takes the commit and dies before anything is done. */
  | 'die-before-commit'
  /** The frontend asked for a label's state is not the master and redirects to the next. */
  | 'state-at-master'
  /** A frontend answers 503. */
  | 'unavailable';

/** Starts a cluster of Doris, one frontend and one backend unless told otherwise. */
export async function startDoris(options: ClusterOptions = {}): Promise<DorisDouble> {
  return new DorisDouble(options).start(options);
}

const LOAD = /^\/api\/([^/]+)\/([^/]+)\/_stream_load$/;
const TWO_PHASE = /^\/api\/([^/]+)\/(?:[^/]+\/)?_stream_load_2pc$/;
const STATE = /^\/api\/([^/]+)\/get_load_state$/;

/** Made by {@link startDoris}; to be closed. */
export class DorisDouble extends WarehouseCluster<DorisFault> {
  /** What versions differ in. */
  texts: TextStyle = 'new';
  /** Frontends speak of it in their health. */
  aliveBackends: number;
  readonly #loads = new StreamLoads(this.transactions, (log) => this.errorLogUrl(log));
  #turn = 0;

  constructor(options: ClusterOptions) {
    super(options);
    this.aliveBackends = options.backends ?? 1;
  }

  protected async frontend(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://fe');
    if (this.faults.strikes('unavailable')) {
      return sendJson(response, { msg: 'Service Unavailable' }, 503);
    }
    if (url.pathname === '/api/health') {
      const data = { online_backend_num: this.aliveBackends, total_backend_num: 3 };
      return sendJson(response, { msg: 'success', code: 0, data, count: 0 });
    }
    if (!this.knows(request)) {
      const data = "Access denied for user 'loader' (using password: YES)";
      return sendJson(response, { msg: 'Unauthorized', code: 401, data, count: 0 });
    }
    const state = STATE.exec(url.pathname);
    if (state) return this.#loadState(request, response, url.searchParams.get('label'));
    if (request.headers.expect === undefined) {
      return sendJson(response, { status: 'FAILED', msg: 'There is no 100-continue header' });
    }
    if (TWO_PHASE.test(url.pathname) && this.faults.strikes('die-before-commit')) {
      request.destroy();
      return;
    }
    if (LOAD.test(url.pathname) && this.faults.strikes('no-backend')) {
      const msg = 'No backend load available, policy: {...}';
      return sendJson(response, { status: 'FAILED', msg });
    }
    return redirect(request, response, this.redirectTo ?? this.#nextBackend().address);
  }

  #nextBackend(): ClusterServer {
    this.#turn += 1;
    return this.backends[this.#turn % this.backends.length]!;
  }

  #loadState(request: IncomingMessage, response: ServerResponse, label: string | null): void {
    if (this.faults.strikes('state-at-master')) {
      redirect(request, response, this.frontends.at(-1)!.address);
    } else {
      const data = this.transactions.latest(label ?? '')?.state ?? 'UNKNOWN';
      sendJson(response, { msg: 'success', code: 0, data, count: 0 });
    }
  }

  protected async backend(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://be');
    if (url.pathname === '/api/_load_error_log') {
      response.end(this.#loads.errorLogs[Number(url.searchParams.get('file'))]);
      return;
    }
    if (!this.knows(request)) {
      return sendJson(response, {
        TxnId: -1,
        Status: 'Fail',
        Message: '[NOT_AUTHORIZED]no valid Basic authorization',
      });
    }
    const load = LOAD.exec(url.pathname);
    if (load) return this.#load(request, response, load[2]!);
    if (TWO_PHASE.test(url.pathname)) return this.#twoPhase(request, response);
    response.writeHead(404).end();
  }

  async #load(request: IncomingMessage, response: ServerResponse, table: string): Promise<void> {
    const label = headerOf(request, 'label') ?? 'none';
    const begun = this.transactions.begin(label, table);
    if (begun === 'label-exists') return sendJson(response, this.#loads.labelExists(label));
    begun.columns = loadColumns(request, '__DORIS_DELETE_SIGN__');
    if (request.headers.expect !== undefined) response.writeContinue();
    if (this.faults.strikes('die-in-load')) {
      await new Promise((resolve) => request.once('data', resolve));
      begun.state = 'ABORTED';
      request.destroy();
      return;
    }
    const rows = await this.rowsOf(request).catch(() => {
      begun.state = 'ABORTED';
      begun.reason = 'cancelled: sender is gone';
    });
    if (rows === undefined) return;
    const answer = this.#loads.settle(
      begun,
      {
        twoPhases:
          headerOf(request, 'two_phase_commit') === 'true' &&
          !this.faults.strikes('ignore-two-phases'),
        maxFilterRatio: Number(headerOf(request, 'max_filter_ratio') ?? '0'),
        tooManyVersions: this.faults.strikes('too-many-versions'),
      },
      rows,
    );
    sendOrLose(response, answer, this.faults.strikes('lose-load-answer'));
  }

  async #twoPhase(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers.expect !== undefined) response.writeContinue();
    await bodyOf(request);
    const answer = answerTwoPhase(this.transactions, this.texts, {
      operation: headerOf(request, 'txn_operation'),
      id: headerOf(request, 'txn_id'),
      label: headerOf(request, 'label'),
      publishTimeout: this.faults.strikes('commit-publish-timeout'),
    });
    const isCommit = headerOf(request, 'txn_operation') === 'commit';
    sendOrLose(response, answer, isCommit && this.faults.strikes('lose-commit-answer'));
  }
}

function sendOrLose(response: ServerResponse, answer: unknown, lose: boolean): void {
  if (lose) response.destroy();
  else sendJson(response, answer);
}
