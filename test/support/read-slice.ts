import { systemClock } from '#shared/clock.ts';
import { openLink } from '#shared/kafka/open-link.ts';
import type { FetchSettings } from '../../functions/loader/kafka/fetch-settings.ts';
import {
  makeSliceReader,
  type WarmSliceReader,
} from '../../functions/loader/kafka/slice-reader.ts';
import type {
  OversizedRecords,
  RecordConsumer,
  RecordView,
  SliceRead,
  SliceRequest,
} from '../../functions/loader/records.ts';
import { testLinkDeps } from './kafka-link.ts';

/** Reads slices with the production reader and keeps copies of what it hands over. */

/** A copy of a record. Texts are latin1, so that every byte shows. */
export interface ReadRecord {
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headersCount: number;
}

/** A consumer that keeps copies; `drain` asks for more until it is replaced. */
export class KeepingConsumer implements RecordConsumer {
  readonly records: ReadRecord[] = [];
  drain: () => Promise<boolean> = async () => true;
  passOver: (records: OversizedRecords) => boolean = () => false;

  accept(record: RecordView): void {
    const text = (start: number, end: number) =>
      start < 0 ? null : record.buffer.toString('latin1', start, end);
    this.records.push({
      partition: record.partition,
      offset: Number(record.offset),
      timestamp: record.timestamp,
      key: text(record.keyStart, record.keyEnd),
      value: text(record.valueStart, record.valueEnd),
      headersCount: record.headersCount,
    });
  }

  /** Offsets of a partition, in the order in which they came. */
  offsets(partition = 0): number[] {
    return this.records
      .filter((record) => record.partition === partition)
      .map(({ offset }) => offset);
  }
}

/** A range for each partition, in plain numbers. */
export type PlainSlice = Readonly<Record<number, readonly [number, number]>>;

/** What to read, with defaults for all that a test does not care about. */
export interface ReadOptions extends Partial<Omit<SliceRequest, 'slice' | 'cluster'>> {
  readonly topic: string;
  readonly slice: PlainSlice;
}

/** A request to these brokers without authentication, and 30 s to fulfil it. */
export function sliceRequest(
  brokers: readonly string[],
  { slice, ...request }: ReadOptions,
): SliceRequest {
  return {
    cluster: { brokers: [...brokers], auth: { mechanism: 'none' } },
    slice: new Map(
      Object.entries(slice).map(([partition, [from, to]]) => [
        Number(partition),
        { from: BigInt(from), to: BigInt(to) },
      ]),
    ),
    isolation: 'read_committed',
    deadline: systemClock.now() + 30_000,
    signal: new AbortController().signal,
    onProgress: () => {},
    ...request,
  };
}

/** The production reader on a real connection, with short waits. */
export function testSliceReader(settings: Partial<FetchSettings> = {}): WarmSliceReader {
  return makeSliceReader({
    open: (address) => openLink(address, testLinkDeps()),
    clock: systemClock,
    settings: { maxWaitMs: 100, ...settings },
  });
}

/** Offsets as plain numbers, by partition. */
export function plain(offsets: SliceRead['to']): Record<number, number> {
  return Object.fromEntries([...offsets].map(([partition, offset]) => [partition, Number(offset)]));
}

/** Reads one slice over a connection of its own. */
export async function readSlice(
  brokers: readonly string[],
  options: ReadOptions & { readonly settings?: Partial<FetchSettings> },
): Promise<{
  to: Record<number, number>;
  ends: Record<number, number>;
  consumer: KeepingConsumer;
}> {
  const { settings, ...request } = options;
  const reader = testSliceReader(settings);
  const consumer = new KeepingConsumer();
  try {
    const { to, ends } = await reader.read(sliceRequest(brokers, request), consumer);
    return { to: plain(to), ends: plain(ends), consumer };
  } finally {
    await reader.close();
  }
}
