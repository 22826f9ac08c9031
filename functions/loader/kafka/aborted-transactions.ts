import type { BatchHeader } from './batch-header.ts';
import type { AbortedTransaction } from './fetch-response.ts';

/** Type of a control record, in the second int16 of its key: https://kafka.apache.org/documentation/#controlbatch */
const ABORT = 0;
const TYPE_AT = 2;
const KEY_BYTES = 4;

/**
 * Says which batches of one answer belong to aborted transactions. The broker lists the transactions
 * that were aborted in the range it returns; one covers its producer's transactional batches from its
 * first offset to the abort marker. A marker without a listed transaction ends one that began and ended
 * before the range, which is nothing to us.
 */
export class AbortedTransactions {
  readonly #pending: AbortedTransaction[];
  readonly #producers = new Set<bigint>();

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#pending = [...aborted].sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
  }

  /** Whether the batch is to be left out. Called once for each batch, in their order. */
  covers(header: BatchHeader): boolean {
    while (this.#pending[0] && this.#pending[0].firstOffset < header.nextOffset) {
      this.#producers.add(this.#pending[0].producerId);
      this.#pending.shift();
    }
    return header.isTransactional && this.#producers.has(header.producerId);
  }

  /** Takes note of a control record's key: an abort marker ends its producer's transaction. */
  marker(producerId: bigint, key: Buffer): void {
    if (key.length >= KEY_BYTES && key.readInt16BE(TYPE_AT) === ABORT) {
      this.#producers.delete(producerId);
    }
  }
}
