import type { PartitionCounts } from '#shared/domain/task.ts';
import type { RecordConsumer, RecordView, SliceReader } from '../../../functions/loader/records.ts';
import { makeLazyWriter } from '../../../functions/loader/rows/lazy-writer.ts';
import type { Stage } from '../../../functions/loader/stage.ts';
import type { RecordDouble } from './slice-reader-double.ts';

/**
 * The production stage without its row buffer of two megabytes, which alone costs more than a whole schedule:
 * the same reader, the same lazy writer, the same order of calls. One seed in some dozens runs the production
 * stage itself, with its row writer, over the same reader.
 */
export function makeLightStage(
  reader: SliceReader,
  chunkOf: (rows: readonly number[]) => Uint8Array = lightChunk,
): Stage {
  return async ({ job, task, sink, label, deadline, signal, onProgress }) => {
    const { kafka } = job.spec.source;
    const { lane, slice } = task;
    const writer = makeLazyWriter(() => sink.open(label, { lane, slice, onProgress }));
    const rows = new LightRows();
    try {
      const read = await reader.read(
        {
          cluster: kafka,
          topic: kafka.topic,
          slice,
          isolation: kafka.isolation,
          deadline,
          signal,
          onProgress,
        },
        rows,
      );
      if (rows.rows.length > 0) await writer.write(chunkOf(rows.rows));
      if (rows.bad.length > 0 && sink.keepsBadRows) await writer.keep(chunkOf(rows.bad));
      onProgress();
      return {
        handle: await writer.prepare(),
        to: read.to,
        ends: read.ends,
        statistics: {
          counts: rows.counts,
          bytes: rows.bytes,
          writtenBytes: 0,
          badRows: [],
          policies: [],
        },
      };
    } catch (error) {
      await writer.discard();
      throw error;
    }
  };
}

const NONE: PartitionCounts = { rows: 0, rejected: 0, skipped: 0, filtered: 0 };

class LightRows implements RecordConsumer {
  readonly rows: number[] = [];
  readonly bad: number[] = [];
  readonly counts = new Map<number, PartitionCounts>();
  bytes = 0;

  accept(view: RecordView): void {
    const record = view as RecordDouble;
    const count = this.counts.get(record.partition) ?? NONE;
    if (record.kind === 'row') {
      this.rows.push(record.row);
      this.bytes += 10;
      this.counts.set(record.partition, { ...count, rows: count.rows + 1 });
    } else if (record.kind === 'bad') {
      this.bad.push(record.row);
      this.counts.set(record.partition, { ...count, rejected: count.rejected + 1 });
    } else {
      this.counts.set(record.partition, { ...count, skipped: count.skipped + 1 });
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
export function rowsOfLightChunk(chunk: Uint8Array): number[] {
  return [...new Int32Array(chunk.buffer, chunk.byteOffset, chunk.byteLength / 4)];
}

/** Rows as the production stage writes them. */
export function ndjsonChunk(rows: readonly number[]): Uint8Array {
  return Buffer.from(rows.map((row) => `{"row":${row}}\n`).join(''));
}

/** The rows of a chunk that the production stage wrote. */
export function rowsOfNdjson(chunk: Uint8Array): number[] {
  const lines = Buffer.from(chunk).toString('utf8').split('\n').slice(0, -1);
  return lines.map((line) => (JSON.parse(line) as { row: number }).row);
}
