import type { JobSpec } from '#shared/domain/job-spec.ts';
import { dorisDestination } from '#shared/domain/spec/doris-destination.ts';
import { starrocksDestination } from '#shared/domain/spec/starrocks-destination.ts';
import type { SinkHandle } from '#shared/domain/task.ts';
import { makeDorisSink } from '../../../../../functions/loader/sinks/doris.ts';
import type { Sink } from '../../../../../functions/loader/sinks/sink.ts';
import { makeStarrocksSink } from '../../../../../functions/loader/sinks/starrocks.ts';
import type { WarehouseLink } from '../../../../../functions/loader/sinks/stream-load/warehouse-link.ts';
import { Transactions } from '../../../../support/warehouse/transactions.ts';
import type { Process } from '../../../engine/process.ts';
import { countRows, isOdd, type SinkDouble, type SinkDoubleDeps } from '../simulated-sink.ts';
import { dorisWarehouse } from './doris-warehouse.ts';
import { linkDouble, noAnswer } from './link-double.ts';
import { starrocksWarehouse } from './starrocks-warehouse.ts';
import type { Warehouse, WarehouseRequest } from './warehouse.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;
/** As long as the load's own timeout, which the sink sets. */
const LOAD_MS = 900 * SECOND_MS;
/** `stream_load_default_precommit_timeout_second`, `prepared_transaction_default_timeout_second`. */
const PREPARED_MS = { doris: HOUR_MS, starrocks: 24 * HOUR_MS } as const;
/** `streaming_label_keep_max_second`, `label_num_threshold`. */
const FINISHED_MS = 12 * HOUR_MS;
const MOST_FINISHED = 2_000;

const REFUSALS = 0.04;
const SLOW_PUBLISHING = 0.1;
const HELD_UP = 0.06;
/** Longer than a lease, a cycle and a claim. */
const HELD_UP_MS = [130_000, 300_000] as const;

/** The request with which a load begins. */
const BEGINS = /\/transaction\/begin |\/_stream_load /;

const WHERE = {
  frontends: ['fe-1:8030', 'fe-2:8030'],
  tls: false,
  database: 'tables',
  table: 'rows',
  secretArn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:warehouse',
};

/**
 * Apache Doris or StarRocks under the product's sink for it: the state machine of the protocol doubles, which gives
 * up and forgets by virtual time. Its clock is ahead by whatever passed while nobody looked.
 */
export class WarehouseSinkDouble implements SinkDouble {
  downUntil = 0;
  readonly hidesLeftovers = true;
  readonly #kind: 'doris' | 'starrocks';
  readonly #deps: SinkDoubleDeps;
  readonly #transactions: Transactions;
  readonly #warehouse: Warehouse;
  readonly #decided = new Set<string>();
  /** Loaders that die when they prepare late. */
  readonly #heldUp = new Set<Process>();
  #aheadMs = 0;

  constructor(kind: 'doris' | 'starrocks', deps: SinkDoubleDeps) {
    this.#kind = kind;
    this.#deps = deps;
    this.#transactions = new Transactions({
      now: () => deps.now() + this.#aheadMs,
      loadMs: LOAD_MS,
      preparedMs: PREPARED_MS[kind],
      finishedMs: FINISHED_MS,
      mostFinished: MOST_FINISHED,
    });
    const make = kind === 'doris' ? dorisWarehouse : starrocksWarehouse;
    this.#warehouse = make(this.#transactions, {
      refuses: () => isOdd(deps, 'sink-refuses', REFUSALS),
      isSlowToPublish: () => isOdd(deps, 'slow-to-publish', SLOW_PUBLISHING),
    });
  }

  sinkFor({ spec }: { readonly spec: JobSpec }, process: Process): Sink {
    const link = this.#linkOf(process);
    const clock = this.#deps.clockOf(process);
    if (this.#kind === 'doris') {
      const destination = dorisDestination.parse(WHERE);
      const given = { ...spec, destination: { doris: destination } };
      return makeDorisSink({ spec: given, destination, link, clock });
    }
    const destination = starrocksDestination.parse(WHERE);
    const given = { ...spec, destination: { starrocks: destination } };
    return makeStarrocksSink({ spec: given, destination, link, clock });
  }

  get visible() {
    return countRows(this.#transactions.visible(WHERE.table));
  }

  /** What its own time-out has not ended yet. */
  get prepared(): ReadonlyMap<string, unknown> {
    this.#transactions.tidy();
    const all = this.#transactions.all.filter(({ state }) => state === 'PRECOMMITTED');
    return new Map(all.map((one) => [one.label, one]));
  }

  noteDecided(handle: SinkHandle): void {
    this.#decided.add(String(handle.txn));
  }

  hasForgotten(handle: SinkHandle): boolean {
    this.#transactions.tidy();
    const known = this.#transactions.byId(String(handle.txn));
    return known === undefined || known.isTimedOut;
  }

  hasApplied(handle: SinkHandle): boolean {
    return this.#transactions.everBegun(String(handle.txn))?.isVisible ?? false;
  }

  /** So long passes there that what is prepared is given up. */
  forgetPrepared(): void {
    this.#aheadMs += PREPARED_MS[this.#kind] + SECOND_MS;
  }

  /** So many others load that what is finished is forgotten. */
  forgetLabels(): void {
    this.#transactions.finishOthers(MOST_FINISHED);
  }

  #linkOf(process: Process): WarehouseLink {
    const { calls, now, sabotage, clockOf, random } = this.#deps;
    const link = linkDouble(this.#guarded(), async (what, isPrivate, effect) => {
      if (BEGINS.test(what) && isOdd(this.#deps, 'held-up', HELD_UP)) {
        this.#heldUp.add(process);
        await clockOf(process).sleep(random.between(...HELD_UP_MS));
      }
      return calls.perform(process, {
        kind: 'sink',
        isPrivate,
        effect: async () => {
          if (now() < this.downUntil) throw noAnswer();
          this.#transactions.tidy();
          const answer = effect();
          if (this.#heldUp.has(process) && this.#hasLate()) this.#deps.kill(process);
          return answer;
        },
        refused: noAnswer,
        lost: noAnswer,
        describe: () => what,
      });
    });
    return sabotage.link?.(link) ?? link;
  }

  /** Whether something is prepared of an attempt that has lost its task. */
  #hasLate(): boolean {
    const { hasLost } = this.#deps;
    const isDecided = (id: number) => this.#decided.has(String(id));
    return this.#transactions.all.some(
      ({ state, id, label }) => state === 'PRECOMMITTED' && !isDecided(id) && hasLost(label),
    );
  }

  /** The warehouse, where nothing is committed that was not decided, and nothing decided is aborted. */
  #guarded(): Warehouse {
    const warehouse = this.#warehouse;
    return {
      ...warehouse,
      ask: (request) => {
        this.#check(request);
        return warehouse.ask(request);
      },
    };
  }

  #check(request: WarehouseRequest): void {
    const { what, of } = this.#warehouse.target(request) ?? {};
    if (of?.state !== 'PRECOMMITTED') return;
    const isDecided = this.#decided.has(String(of.id));
    const { witness } = this.#deps;
    if (what === 'commit' && !isDecided) witness.violated('no-commit-before-decision', of.label);
    if (what === 'abort' && isDecided) witness.violated('no-abort-after-decision', of.label);
  }
}
