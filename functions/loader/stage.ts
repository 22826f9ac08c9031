import type { Job } from '#shared/domain/job.ts';
import type { OffsetMap } from '#shared/domain/offsets.ts';
import { rowFormatOf } from '#shared/domain/spec/row-format.ts';
import type { SinkHandle, Task, TaskStatistics } from '#shared/domain/task.ts';
import type { SliceReader } from './records.ts';
import { withJudgement } from './rows/judged-counts.ts';
import { makeLazyWriter } from './rows/lazy-writer.ts';
import { makeRowWriter } from './rows/row-writer.ts';
import type { Sink } from './sinks/sink.ts';

/** What reading and preparing a slice came to; `handle` is absent when there was nothing to load. */
export interface Staged {
  readonly handle: SinkHandle | undefined;
  readonly to: OffsetMap;
  readonly ends: OffsetMap;
  readonly statistics: TaskStatistics;
}

/** One attempt's reading, as the task protocol asks for it. */
export interface StageRequest {
  readonly job: Job;
  readonly task: Task;
  readonly sink: Sink;
  readonly label: string;
  /** Epoch ms at which reading ends, complete or not. */
  readonly deadline: number;
  readonly signal: AbortSignal;
  readonly onProgress: () => void;
}

/** Reads a task's slice and prepares its rows in the sink, durable and invisible. */
export type Stage = (request: StageRequest) => Promise<Staged>;

/** Limits of the installation that no job's batch exceeds. */
export interface StageLimits {
  readonly maxBatchRows: number;
  readonly maxBatchBytes: number;
}

/**
 * The stage of the real parts: Kafka in, rows of the destination's format out.
 *
 * On any failure nothing of the attempt is left in the sink, unless the process dies with it: then the next
 * attempt aborts it by its label.
 */
export function makeStage(reader: SliceReader, limits: StageLimits): Stage {
  return async ({ job, task, sink, label, deadline, signal, onProgress }) => {
    const { kafka } = job.spec.source;
    const writer = makeLazyWriter(() =>
      sink.open(label, { lane: task.lane, slice: task.slice, onProgress }),
    );
    const rows = makeRowWriter({
      spec: job.spec,
      topic: kafka.topic,
      writer,
      limits: {
        maxRows: Math.min(job.spec.batch.maxRows, limits.maxBatchRows),
        maxBytes: Math.min(job.spec.batch.maxBytes, limits.maxBatchBytes),
      },
    });
    try {
      const read = await reader.read(
        {
          cluster: kafka,
          topic: kafka.topic,
          slice: task.slice,
          isolation: kafka.isolation,
          deadline,
          signal,
          onProgress,
        },
        rows,
      );
      const statistics = await rows.finish();
      onProgress();
      const handle = await writer.prepare();
      const judged = await writer.judged();
      return {
        handle,
        to: read.to,
        ends: read.ends,
        statistics: judged
          ? withJudgement(statistics, judged, { isExact: countsRows(job) })
          : statistics,
      };
    } catch (error) {
      await writer.discard();
      throw error;
    }
  };
}

/** Whether each row that is sent is one for the destination: bytes that nobody looked into may hold more. */
function countsRows({ spec }: Job): boolean {
  const { format, asIs } = rowFormatOf(spec);
  return format === 'csv' || !asIs;
}
