import { crc32 } from 'node:zlib';
import type { LogRanges } from './topics.ts';

/** What the comparison of a topic with its table came to. */
export interface Verdict {
  /** Records in the topic. */
  readonly records: number;
  /** Records that the job's filter leaves out. */
  readonly filtered: number;
  /** Rows in the table. */
  readonly rows: number;
  /** Records without a row. */
  readonly missing: number;
  /** Rows beyond the first of their record. */
  readonly doubled: number;
  /** Rows whose content is not their record's, or that have no record. */
  readonly different: number;
  /** The first few faults in words. */
  readonly examples: readonly string[];
}

const MAX_EXAMPLES = 5;

/** No record at this offset: compaction and transaction markers leave holes. */
const HOLE = -1;

interface Partition {
  readonly low: number;
  /** By offset - low: the content's fingerprint, or HOLE. */
  readonly expected: Float64Array;
  /** By offset - low: rows met, up to 255. */
  readonly met: Uint8Array;
}

/**
 * Double-entry bookkeeping over (partition, offset): every record of a topic is entered first, every row
 * of the table is held against it after. Nine bytes a record, whatever the contents.
 */
export class Ledger {
  readonly #partitions = new Map<number, Partition>();
  readonly #examples: string[] = [];
  #filtered = 0;
  #rows = 0;
  #doubled = 0;
  #different = 0;

  constructor(ranges: LogRanges) {
    for (const [partition, { low, high }] of ranges) {
      this.#partitions.set(partition, {
        low,
        expected: new Float64Array(high - low).fill(HOLE),
        met: new Uint8Array(high - low),
      });
    }
  }

  /** A record of the topic. Records outside the ranges came after the comparison began and do not count. */
  enter(partition: number, offset: number, content: string): void {
    const entry = this.#partitions.get(partition);
    if (entry && offset >= entry.low && offset - entry.low < entry.expected.length) {
      entry.expected[offset - entry.low] = fingerprint(content);
    }
  }

  /** A record of the topic that is to have no row. */
  leaveOut(partition: number, offset: number): void {
    const entry = this.#partitions.get(partition);
    const index = entry ? offset - entry.low : -1;
    if (entry && index >= 0 && index < entry.expected.length) this.#filtered += 1;
  }

  /** A row of the table. */
  meet(partition: number, offset: number, content: string): void {
    this.#rows += 1;
    const entry = this.#partitions.get(partition);
    const index = entry ? offset - entry.low : -1;
    const expected = entry?.expected[index] ?? HOLE;
    if (!entry || expected === HOLE) {
      this.#different += 1;
      this.#example(`partition ${partition} offset ${offset}: a row, but no record`);
      return;
    }
    const before = entry.met[index] ?? 0;
    entry.met[index] = Math.min(255, before + 1);
    if (before > 0) {
      this.#doubled += 1;
      this.#example(`partition ${partition} offset ${offset}: more than one row`);
    }
    if (fingerprint(content) !== expected) {
      this.#different += 1;
      this.#example(
        `partition ${partition} offset ${offset}: another content: ${content.slice(0, 200)}`,
      );
    }
  }

  /** Closes the books. */
  verdict(): Verdict {
    let records = 0;
    let missing = 0;
    for (const [partition, { low, expected, met }] of this.#partitions) {
      for (let i = 0; i < expected.length; i += 1) {
        if (expected[i] === HOLE) continue;
        records += 1;
        if (met[i] !== 0) continue;
        missing += 1;
        this.#example(`partition ${partition} offset ${low + i}: a record, but no row`);
      }
    }
    return {
      records: records + this.#filtered,
      filtered: this.#filtered,
      rows: this.#rows,
      missing,
      doubled: this.#doubled,
      different: this.#different,
      examples: [...this.#examples],
    };
  }

  #example(text: string): void {
    if (this.#examples.length < MAX_EXAMPLES) this.#examples.push(text);
  }
}

/** Whether every record has exactly its one row, or none where it was to have none. */
export function isExact(verdict: Verdict): boolean {
  return (
    verdict.missing === 0 &&
    verdict.doubled === 0 &&
    verdict.different === 0 &&
    verdict.rows + verdict.filtered === verdict.records
  );
}

/** 53 bits of a content that a double holds exactly: its CRC and 21 bits of its length. */
function fingerprint(content: string): number {
  return (content.length % 2 ** 21) * 2 ** 32 + crc32(content);
}
