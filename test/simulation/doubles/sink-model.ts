import type { SinkHandle } from '#shared/domain/task.ts';
import type { CommitOutcome } from '../../../functions/loader/sinks/sink.ts';
import type { Witness } from '../engine/calls.ts';

/** Rows under a label, durable and invisible. */
interface Prepared {
  readonly transaction: number;
  readonly rows: readonly number[];
  readonly letters: readonly number[];
  /** Whether its attempt had lost its task by then: nobody may ever look at it again. */
  readonly isLate: boolean;
}

/**
 * A destination's table with prepared transactions by label, like Doris' two-phase stream load. It never
 * protects its user: a transaction that is committed adds its rows, whoever else has added them before.
 */
export class SinkModel {
  /** Row to how many times it is visible. */
  readonly visible = new Map<number, number>();
  readonly prepared = new Map<string, Prepared>();
  /** Virtual ms until which nothing gets through. */
  downUntil = 0;
  /** Dead letters that are committed, by location, as the rows of their records. */
  readonly keptLetters = new Map<string, readonly number[]>();
  readonly #committed = new Set<number>();
  readonly #applied = new Set<number>();
  readonly #forgotten = new Set<number>();
  readonly #decided = new Set<number>();
  readonly #witness: Witness;
  readonly #hasLost: (label: string) => boolean;
  #transactions = 0;

  /** @param hasLost whether the attempt of this label does not hold its task */
  constructor(witness: Witness, hasLost: (label: string) => boolean = () => false) {
    this.#witness = witness;
    this.#hasLost = hasLost;
  }

  /** Goes on where another one was left. */
  goOnFrom(earlier: SinkModel): void {
    for (const [row, times] of earlier.visible) this.visible.set(row, times);
    for (const [label, prepared] of earlier.prepared) this.prepared.set(label, prepared);
    for (const [location, rows] of earlier.keptLetters) this.keptLetters.set(location, rows);
    for (const transaction of earlier.#committed) this.#committed.add(transaction);
    for (const transaction of earlier.#applied) this.#applied.add(transaction);
    for (const transaction of earlier.#forgotten) this.#forgotten.add(transaction);
    for (const transaction of earlier.#decided) this.#decided.add(transaction);
    this.#transactions = earlier.#transactions;
  }

  /** One that goes on by itself from here. */
  copy(): SinkModel {
    const copy = new SinkModel(this.#witness);
    copy.goOnFrom(this);
    return copy;
  }

  /** Told by the task ledger: only now may this handle be committed. */
  noteDecided(handle: SinkHandle): void {
    this.#decided.add(Number(handle.transaction));
  }

  /** Whether the sink has lost what the handle names, so that nobody can say what became of it. */
  hasForgotten(handle: SinkHandle): boolean {
    return this.#forgotten.has(Number(handle.transaction));
  }

  /** Whether the rows of what the handle names are visible: what a person finds who looks. */
  hasApplied(handle: SinkHandle): boolean {
    return this.#applied.has(Number(handle.transaction));
  }

  /** A label that is used anew begins anew. */
  open(label: string): void {
    this.#remove(label, 'opened anew');
  }

  prepare(label: string, rows: readonly number[], letters: readonly number[] = []): SinkHandle {
    this.#remove(label, 'prepared anew');
    this.#transactions += 1;
    const transaction = this.#transactions;
    this.prepared.set(label, { transaction, rows, letters, isLate: this.#hasLost(label) });
    return { label, transaction, ...(letters.length > 0 && { letters: `letters-${transaction}` }) };
  }

  abort(label: string): void {
    this.#remove(label, 'aborted');
  }

  commit(handle: SinkHandle): CommitOutcome {
    const transaction = Number(handle.transaction);
    if (!this.#decided.has(transaction)) {
      this.#witness.violated('no-commit-before-decision', JSON.stringify(handle));
    }
    const prepared = this.prepared.get(String(handle.label));
    if (prepared?.transaction === transaction) {
      this.prepared.delete(String(handle.label));
      this.#committed.add(transaction);
      this.#applied.add(transaction);
      if (handle.letters !== undefined)
        this.keptLetters.set(String(handle.letters), prepared.letters);
      for (const row of prepared.rows) this.visible.set(row, (this.visible.get(row) ?? 0) + 1);
      return { kind: 'committed' };
    }
    if (this.#committed.has(transaction)) return { kind: 'already-committed' };
    return { kind: 'in-doubt', message: `nothing is known of transaction ${transaction}` };
  }

  /** The sink reclaims what was prepared, as Doris does after 3600 s. */
  forgetPrepared(): void {
    for (const { transaction } of this.prepared.values()) this.#forgotten.add(transaction);
    this.prepared.clear();
  }

  /** The sink forgets the labels of what is committed, as Doris does after 12 h or 2000 of them. */
  forgetLabels(): void {
    for (const transaction of this.#committed) this.#forgotten.add(transaction);
    this.#committed.clear();
  }

  /** What cannot be seen from outside, in a line: two sinks that agree in it and in the rest act alike. */
  fingerprint(): string {
    return JSON.stringify([[...this.#committed], [...this.#forgotten], this.#transactions]);
  }

  #remove(label: string, how: string): void {
    const prepared = this.prepared.get(label);
    if (prepared === undefined) return;
    if (this.#decided.has(prepared.transaction)) {
      this.#witness.violated('no-abort-after-decision', `${label} was decided, and is ${how}`);
    }
    this.prepared.delete(label);
  }
}
