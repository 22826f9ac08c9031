import type { PartitionCounts, TaskRedrive } from '#shared/domain/task.ts';
import { badOffsetsOf, rangesRead } from '../../../functions/loader/dead-letters/bad-offsets-of.ts';
import { NotedOffsets } from '../../../functions/loader/dead-letters/noted-offsets.ts';
import { readBadRecords } from '../../../functions/loader/dead-letters/read-bad-records.ts';
import type { RecordConsumer, RecordView, SliceReader } from '../../../functions/loader/records.ts';
import { makeLazyWriter } from '../../../functions/loader/rows/lazy-writer.ts';
import { NO_PERIOD, type Period } from '../../../functions/loader/sinks/period.ts';
import type { Stage } from '../../../functions/loader/stage.ts';
import type { RecordDouble } from './slice-reader-double.ts';
import { partitionOf, type RecordKind } from './topic.ts';

/**
 * The production stage without its row buffer of two megabytes, which alone costs more than a whole schedule:
 * the same reader, the same lazy writer, the same order of calls. One seed in some dozens runs the production
 * stage itself, with its row writer, over the same reader.
 */
export function makeLightStage(
  reader: SliceReader,
  codec: RowCodec = LIGHT,
  isPartitioned = false,
): Stage {
  return async ({ job, task, sink, label, letters, deadline, signal, onProgress }) => {
    const { kafka } = job.spec.source;
    const { lane, generation, laneRevision: revision, slice, epochs } = task;
    const work = { lane, generation, revision, slice, onProgress };
    const writer = makeLazyWriter(() => sink.open(label, work));
    const noted = sink.keepsBadRows ? undefined : new NotedOffsets();
    const rows = new LightRows(codec === LIGHT ? job.specVersion : 0, noted);
    try {
      const { topicId } = job;
      const { topic, isolation } = kafka;
      const source = { cluster: kafka, topic, topicId, isolation, deadline, signal, onProgress };
      if (task.redrive) {
        await readLetters(task.redrive, { sink, signal, onProgress, rows, codec });
      }
      const again = task.redrive && (await readBadRecords({ ...source, reader, letters }, rows));
      const read = task.redrive
        ? { to: new Map(), epochs: new Map(), ends: new Map() }
        : await reader.read({ ...source, slice, epochs }, rows);
      for (const { period, some } of isPartitioned ? byPeriod(rows.rows) : [{ some: rows.rows }]) {
        if (some.length > 0) await writer.write(codec.encode(some), period);
      }
      if (rows.bad.length > 0 && sink.keepsBadRows) await writer.keep(codec.encode(rows.bad));
      onProgress();
      const { counts, bytes } = rows;
      const statistics = { counts, bytes, writtenBytes: 0, badRows: [], policies: [] };
      const ranges = again?.wanted ?? rangesRead(slice, read.to);
      const known = { statistics, topicId, judged: undefined, read: ranges };
      return {
        handle: await writer.prepare(),
        to: read.to,
        epochs: read.epochs,
        ends: read.ends,
        statistics,
        badOffsets: noted && badOffsetsOf({ ...known, noted }),
        lost: again?.gone ? { notListed: 0, notKept: 0, gone: again.gone } : undefined,
      };
    } catch (error) {
      await writer.discard();
      throw error;
    }
  };
}

const PERIODS = ['2026-11-21', '2026-11-22', NO_PERIOD];

/** Which rows lie apart, and under which date: any will do. */
function byPeriod(rows: readonly number[]): { period?: Period; some: readonly number[] }[] {
  return PERIODS.map((period, i) => ({
    period,
    some: rows.filter((row) => row % PERIODS.length === i),
  }));
}

/** Hands over the records of dead letters, as the production stage does. */
async function readLetters(
  { letters }: TaskRedrive,
  {
    sink,
    signal,
    onProgress,
    rows,
    codec,
  }: Pick<Parameters<Stage>[0], 'sink' | 'signal' | 'onProgress'> & {
    readonly rows: LightRows;
    readonly codec: RowCodec;
  },
): Promise<void> {
  for (const { location } of letters) {
    if (location === undefined) continue;
    for await (const chunk of sink.readDeadLetters?.(location) ?? []) {
      for (const row of codec.decode(chunk)) rows.take(row, partitionOf(row), 'bad');
    }
    signal.throwIfAborted();
    onProgress();
  }
}

/**
 * Whether a record that does not fit its job's first specification does not fit a later one either. What is good
 * for one is good for all that follow.
 */
export function isBadFor(row: number, specVersion: number): boolean {
  return specVersion <= 1 || row % 3 === 1;
}

const NONE: PartitionCounts = { rows: 0, rejected: 0, skipped: 0, filtered: 0 };

class LightRows implements RecordConsumer {
  readonly rows: number[] = [];
  readonly bad: number[] = [];
  readonly counts = new Map<number, PartitionCounts>();
  bytes = 0;
  readonly #specVersion: number;
  readonly #noted: NotedOffsets | undefined;

  /** @param specVersion 0 where bad records never become good ones */
  constructor(specVersion: number, noted: NotedOffsets | undefined) {
    this.#specVersion = specVersion;
    this.#noted = noted;
  }

  accept(view: RecordView): void {
    const record = view as RecordDouble;
    const { row, partition, kind } = record;
    if (kind === 'bad' && isBadFor(row, this.#specVersion)) this.#noted?.add(record);
    this.take(row, partition, kind);
  }

  take(row: number, partition: number, kind: RecordKind): void {
    const count = this.counts.get(partition) ?? NONE;
    if (kind === 'row' || (kind === 'bad' && !isBadFor(row, this.#specVersion))) {
      this.rows.push(row);
      this.bytes += 10;
      this.counts.set(partition, { ...count, rows: count.rows + 1 });
    } else if (kind === 'bad') {
      this.bad.push(row);
      this.counts.set(partition, { ...count, rejected: count.rejected + 1 });
    } else {
      this.counts.set(partition, { ...count, skipped: count.skipped + 1 });
    }
  }

  async drain(): Promise<boolean> {
    return true;
  }
}

function lightChunk(rows: readonly number[]): Uint8Array {
  return new Uint8Array(Int32Array.from(rows).buffer);
}

/** The rows of a chunk that {@link makeLightStage} wrote. */
function rowsOfLightChunk(chunk: Uint8Array): number[] {
  return [...new Int32Array(chunk.buffer, chunk.byteOffset, chunk.byteLength / 4)];
}

/** Rows as the production stage writes them. */
function ndjsonChunk(rows: readonly number[]): Uint8Array {
  return Buffer.from(rows.map((row) => `{"row":${row}}\n`).join(''));
}

/** The rows of a chunk that the production stage wrote. */
function rowsOfNdjson(chunk: Uint8Array): number[] {
  const lines = Buffer.from(chunk).toString('utf8').split('\n').slice(0, -1);
  return lines.map((line) => (JSON.parse(line) as { row: number }).row);
}

/** How rows stand in chunks. */
export interface RowCodec {
  readonly encode: (rows: readonly number[]) => Uint8Array;
  readonly decode: (chunk: Uint8Array) => number[];
}

/** Four bytes a row. */
export const LIGHT: RowCodec = { encode: lightChunk, decode: rowsOfLightChunk };
/** As the production stage writes them. */
export const NDJSON: RowCodec = { encode: ndjsonChunk, decode: rowsOfNdjson };
