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

/** A topic from its creation to its deletion. Kafka gives each an id of its own, whatever the name. */
export interface Life {
  readonly id: string;
  /** How many of this name there were before. */
  readonly place: number;
  readonly logs: Map<number, Log>;
}

const ROWS_PER_PARTITION = 100_000;
const ROWS_PER_LIFE = 10_000_000;

/** A row of the sink as one number: offsets count from the log's first. */
export function rowAt(partition: number, index: number, life: Pick<Life, 'place'>): number {
  return life.place * ROWS_PER_LIFE + partition * ROWS_PER_PARTITION + index;
}

const OFFSETS_PER_EPOCH = 3n;
/** Offsets may be long ones, and an epoch has 32 bits. */
const EPOCHS = 1_000n;

/** The epoch of the leader that wrote the record at an offset: leaders come and go, and lose nothing. */
export function epochAt(offset: bigint): number {
  return Number((offset / OFFSETS_PER_EPOCH) % EPOCHS);
}

/** The partition that a row comes from. */
export function partitionOf(row: number): number {
  return Math.floor((row % ROWS_PER_LIFE) / ROWS_PER_PARTITION);
}

/** A topic whose contents are known, so that what was loaded can be compared. */
export class Topic {
  readonly name: string;
  /** All topics that ever had the name, the one that there is now last. */
  readonly lives: Life[] = [];
  readonly #kindOf: () => RecordKind;

  /** @param kindOf draws what the next record is */
  constructor(name: string, kindOf: () => RecordKind) {
    this.name = name;
    this.#kindOf = kindOf;
    this.#begin();
  }

  /** The one that there is now. */
  get life(): Life {
    return this.lives[this.lives.length - 1] as Life;
  }

  get id(): string {
    return this.life.id;
  }

  get logs(): ReadonlyMap<number, Log> {
    return this.life.logs;
  }

  /** Goes on where another topic was left; what comes next is drawn by this one. */
  goOnFrom(earlier: Topic): void {
    this.lives.length = 0;
    for (const { id, place, logs } of earlier.lives) {
      const copies = new Map<number, Log>();
      for (const [partition, { first, start, records }] of logs) {
        copies.set(partition, { first, start, records: [...records] });
      }
      this.lives.push({ id, place, logs: copies });
    }
  }

  /** One that goes on by itself from here. */
  copy(): Topic {
    const copy = new Topic(this.name, this.#kindOf);
    copy.goOnFrom(this);
    return copy;
  }

  /** Deletes the topic and creates one of the same name, with as many records in each partition as given. */
  recreate(counts: readonly number[]): void {
    this.#begin();
    for (const count of counts) this.addPartition(0n, count);
  }

  /** The topic of this id, if it ever had the name. */
  lifeOf(id: unknown): Life | undefined {
    return this.lives.find((life) => life.id === id);
  }

  /** Adds a partition, as many records as given, and says its number. */
  addPartition(first: bigint, count: number): number {
    const partition = this.logs.size;
    this.life.logs.set(partition, { first, start: first, records: [] });
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
    return endOf(this.log(partition));
  }

  kindAt(partition: number, offset: bigint): RecordKind {
    const { first, records } = this.log(partition);
    return records[Number(offset - first)] ?? 'hole';
  }

  /** Ends of those partitions that there are. */
  ends(partitions: Iterable<number>): OffsetMap {
    const ends = new Map<number, bigint>();
    for (const partition of partitions) {
      const log = this.logs.get(partition);
      if (log) ends.set(partition, endOf(log));
    }
    return ends;
  }

  #begin(): void {
    const place = this.lives.length;
    this.lives.push({ id: `${this.name}-${place}`, place, logs: new Map() });
  }
}

/** The offset behind the last record of a log. */
function endOf({ first, records }: Log): bigint {
  return first + BigInt(records.length);
}
