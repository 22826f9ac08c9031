import type { OffsetRange } from '#shared/domain/offsets.ts';

/** Fetches near the end of a range ask for no less: a limit below a batch's size would only cost turns. */
const LEAST_BYTES = 64 * 1024;
/** Room for records that are larger than those so far. */
const MARGIN = 1.25;

/** How far the reading of one partition's range has come, and whom to ask for the rest. */
export class PartitionProgress {
  readonly partition: number;
  readonly from: bigint;
  readonly to: bigint;
  /** Everything below it was handed over. */
  position: bigint;
  /** Of the leader that wrote the record before `position`; -1 when that is not known. */
  epoch: number;
  /** Where the next fetch begins: ahead of `position` while the answer before it is walked. */
  requested: bigint;
  /** The last stable offset or the high watermark, as told last. */
  end: bigint | undefined;
  leader = -1;
  /** Counts the leaders; -1 where that is not known. */
  leaderEpoch = -1;
  /** The leader, or the replica that it prefers for us. */
  node = -1;
  /** A replica failed us: the leader is asked for the rest of the slice. */
  staysWithLeader = false;
  /** Troubles in a row. */
  failures = 0;
  /** Offset at which a batch was damaged, or out of range, when it was asked for the first time. */
  damagedAt: bigint | undefined;
  outOfRangeAt: bigint | undefined;
  /** Offset before which the log was found to be another, for the first time. */
  divergedAt: bigint | undefined;
  /** Of the leader that wrote the record before `requested`; -1 when that is not known. */
  lastEpoch: number;
  /** Set while it is not clear whether the log still has the record before `position`, which was written in this epoch. */
  doubtedEpoch: number | undefined;
  /** What the next batch is known to need. */
  neededBytes = 0;
  #bytes = 0;
  #offsets = 0;

  /** @param range and, where it is known, the epoch of the record before it */
  constructor(partition: number, range: OffsetRange & { readonly epoch?: number | undefined }) {
    const { from, to, epoch = -1 } = range;
    this.partition = partition;
    this.from = from;
    this.to = to;
    this.position = from;
    this.epoch = epoch;
    this.requested = from;
    this.lastEpoch = epoch;
  }

  get isDone(): boolean {
    return this.position >= this.to;
  }

  get isAtLeader(): boolean {
    return this.node === this.leader;
  }

  /** Takes note of an answer up to `next`, so that later fetches do not ask for much more than is wanted. */
  arrived(bytes: number, { next, epoch }: { next: bigint; epoch: number }): void {
    this.#bytes += bytes;
    this.#offsets += Number(next - this.requested);
    this.requested = next;
    this.lastEpoch = epoch;
    this.failures = 0;
    this.neededBytes = 0;
  }

  /** Takes note of what was handed over; `epoch` is of the record before the position. */
  moveTo(position: bigint, epoch: number): void {
    this.position = position;
    this.epoch = epoch;
  }

  /** Goes back to what was handed over: what was fetched beyond it does not count. */
  rewind(): void {
    this.requested = this.position;
    this.lastEpoch = this.epoch;
  }

  /** Nothing is told to brokers any more of the record before the position. */
  forgetEpoch(): void {
    this.epoch = -1;
    this.lastEpoch = -1;
    this.doubtedEpoch = undefined;
  }

  /** What the next fetch says: while there is doubt about the record before, that is looked at once more. */
  get fetchFrom(): { readonly offset: bigint; readonly lastEpoch: number } {
    if (this.doubtedEpoch !== undefined) return { offset: this.requested - 1n, lastEpoch: -1 };
    return { offset: this.requested, lastEpoch: this.lastEpoch };
  }

  /** Bytes to ask for, at most `limit` unless the next batch is known to need more. */
  bytesToAsk(limit: number): number {
    const left = Number(this.to - this.requested);
    const estimate =
      this.#offsets > 0 ? (this.#bytes / this.#offsets) * left * MARGIN : Number.POSITIVE_INFINITY;
    const wanted = Math.min(limit, Math.max(LEAST_BYTES, Math.ceil(estimate)));
    return Math.max(wanted, this.neededBytes);
  }
}
