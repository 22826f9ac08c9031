import type { OffsetMap } from '#shared/domain/offsets.ts';

/** What stands at an offset. A hole is what compaction and transaction markers leave. */
export type RecordKind = 'row' | 'hole' | 'tombstone' | 'bad';

/** One partition's log. */
export interface Log {
  /** Where the log began. */
  readonly first: bigint;
  /** Where it begins now: retention has deleted what stood before. */
  start: bigint;
  /** All that ever stood in it. */
  readonly records: RecordKind[];
}

/** A topic whose contents are known, so that what was loaded can be compared. */
export class Topic {
  readonly name: string;
  readonly logs = new Map<number, Log>();
  readonly #kindOf: () => RecordKind;

  /** @param kindOf draws what the next record is */
  constructor(name: string, kindOf: () => RecordKind) {
    this.name = name;
    this.#kindOf = kindOf;
  }

  /** Goes on where another topic was left; what comes next is drawn by this one. */
  goOnFrom({ logs }: Topic): void {
    this.logs.clear();
    for (const [partition, { first, start, records }] of logs) {
      this.logs.set(partition, { first, start, records: [...records] });
    }
  }

  /** One that goes on by itself from here. */
  copy(): Topic {
    const copy = new Topic(this.name, this.#kindOf);
    copy.goOnFrom(this);
    return copy;
  }

  /** Adds a partition, as many records as given, and says its number. */
  addPartition(first: bigint, count: number): number {
    const partition = this.logs.size;
    this.logs.set(partition, { first, start: first, records: [] });
    this.produce(partition, count);
    return partition;
  }

  produce(partition: number, count: number): void {
    const { records } = this.log(partition);
    for (let i = 0; i < count; i += 1) records.push(this.#kindOf());
  }

  log(partition: number): Log {
    const log = this.logs.get(partition);
    if (log === undefined) throw new RangeError(`no partition ${partition} in ${this.name}`);
    return log;
  }

  /** Retention deletes what stands before an offset. */
  deleteBefore(partition: number, offset: bigint): void {
    const log = this.log(partition);
    if (offset > log.start) log.start = offset;
  }

  /** The offset behind the last record. */
  end(partition: number): bigint {
    const { first, records } = this.log(partition);
    return first + BigInt(records.length);
  }

  kindAt(partition: number, offset: bigint): RecordKind {
    const { first, records } = this.log(partition);
    return records[Number(offset - first)] ?? 'hole';
  }

  ends(partitions: Iterable<number>): OffsetMap {
    return new Map([...partitions].map((partition) => [partition, this.end(partition)]));
  }
}
