import type { RecordView } from '../records.ts';
import type { JsonRange } from './path-finder.ts';

const NOTHING = Buffer.alloc(0);

/** A record of which only a part of the value is seen. One view serves all records. */
export class ElementView implements RecordView {
  buffer: Buffer = NOTHING;
  valueStart = -1;
  valueEnd = -1;
  keyStart = -1;
  keyEnd = -1;
  headersStart = 0;
  headersEnd = 0;
  #record: RecordView | undefined;

  get partition(): number {
    return this.#record?.partition ?? -1;
  }
  get offset(): bigint {
    return this.#record?.offset ?? -1n;
  }
  get timestamp(): number {
    return this.#record?.timestamp ?? -1;
  }
  get headersCount(): number {
    return this.#record?.headersCount ?? 0;
  }
  get tombstone(): RecordView['tombstone'] {
    return this.#record?.tombstone;
  }

  /** Sees all of the record. */
  open(record: RecordView): void {
    this.#record = record;
    this.buffer = record.buffer;
    this.keyStart = record.keyStart;
    this.keyEnd = record.keyEnd;
    this.valueStart = record.valueStart;
    this.valueEnd = record.valueEnd;
    this.headersStart = record.headersStart;
    this.headersEnd = record.headersEnd;
  }

  /** Sees only this part as the value. */
  narrow({ start, end }: JsonRange): void {
    this.valueStart = start;
    this.valueEnd = end;
  }

  /** Sees another value; the buffer begins with the key, and the headers follow it. */
  move(
    record: RecordView,
    to: { readonly buffer: Buffer; readonly keyLength: number; readonly value: JsonRange },
  ): void {
    this.open(record);
    const { buffer, keyLength, value } = to;
    this.buffer = buffer;
    this.keyStart = record.keyStart < 0 ? -1 : 0;
    this.keyEnd = record.keyStart < 0 ? -1 : keyLength;
    this.headersStart = keyLength;
    this.headersEnd = value.start;
    this.narrow(value);
  }

  /** Lets go of the record's memory. */
  close(): void {
    this.#record = undefined;
    this.buffer = NOTHING;
  }
}
