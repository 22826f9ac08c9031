import type { Clock } from '#shared/clock.ts';
import type { Job } from '#shared/domain/job.ts';
import type { OffsetMap } from '#shared/domain/offsets.ts';
import { batchWithin } from '#shared/domain/slice-plan.ts';
import { rowFormatOf } from '#shared/domain/spec/row-format.ts';
import type { SinkHandle, Task, TaskRedrive, TaskStatistics } from '#shared/domain/task.ts';
import { NO_TRACE, type Trace } from '#shared/observe/trace.ts';
import { readDeadLetters } from './dead-letters/read-dead-letters.ts';
import { DEFAULT_TRANSFORM, openRows, type TransformSettings } from './open-rows.ts';
import type { RecordConsumer, SliceRead, SliceReader } from './records.ts';
import { withJudgement } from './rows/judged-counts.ts';
import { makeLazyWriter } from './rows/lazy-writer.ts';
import type { Sink } from './sinks/sink.ts';

/** What reading and preparing a slice came to; `handle` is absent when there was nothing to load. */
export interface Staged {
  readonly handle: SinkHandle | undefined;
  readonly to: OffsetMap;
  readonly ends: OffsetMap;
  readonly statistics: TaskStatistics;
}

/** One attempt's reading, as the task protocol asks for it. */
interface StageRequest {
  readonly job: Job;
  readonly task: Task;
  readonly sink: Sink;
  readonly label: string;
  /** Epoch ms at which reading ends, complete or not. */
  readonly deadline: number;
  readonly signal: AbortSignal;
  readonly onProgress: () => void;
  readonly trace?: Trace | undefined;
}

/** Reads a task's slice, or its dead letters, and prepares its rows in the sink, durable and invisible. */
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
export function makeStage(
  reader: SliceReader,
  limits: StageLimits,
  settings: TransformSettings = DEFAULT_TRANSFORM,
): Stage {
  return async (request) => {
    const { job, task, sink, label, signal, onProgress, trace = NO_TRACE } = request;
    const writer = makeLazyWriter(() =>
      sink.open(label, { lane: task.lane, slice: task.slice, onProgress }),
    );
    const opened = await openRows({
      spec: job.spec,
      writer,
      keep: sink.keepsBadRows ? writer.keep : undefined,
      limits: task.redrive ? NO_LIMITS : batchWithin(job.spec.batch, limits),
      settings,
      signal,
      onProgress,
    });
    try {
      const left = request.deadline - settings.clock.now();
      const deadline = request.deadline - Math.max(0, opened.reserve * left);
      const read = await trace.span('read', () =>
        task.redrive
          ? redrive(task.redrive, { ...request, deadline, clock: settings.clock }, opened.rows)
          : reader.read(sliceRequest(request, deadline), opened.rows),
      );
      const statistics = await opened.rows.finish();
      onProgress();
      const handle = await trace.span('prepare', () => writer.prepare());
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
      // Rows that are still on their way would open what was discarded again.
      await opened.close();
      await writer.discard();
      throw error;
    } finally {
      await opened.close();
    }
  };
}

/** What is loaded again was within the limits once, and has no place at which a part could end. */
const NO_LIMITS = { maxRows: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY };

/** Dead letters move no offsets. */
async function redrive(
  { letters }: TaskRedrive,
  request: StageRequest & { readonly clock: Clock },
  consumer: RecordConsumer,
): Promise<SliceRead> {
  await readDeadLetters({ ...request, letters }, consumer);
  return { to: new Map(), ends: new Map() };
}

function sliceRequest({ job, task, signal, onProgress }: StageRequest, deadline: number) {
  const { kafka } = job.spec.source;
  const { slice } = task;
  const { topic, isolation } = kafka;
  const { topicId } = job;
  return { cluster: kafka, topic, topicId, slice, isolation, deadline, signal, onProgress };
}

/** Whether each row that is sent is one for the destination: bytes that nobody looked into may hold more. */
function countsRows({ spec }: Job): boolean {
  const { format, asIs } = rowFormatOf(spec);
  return format === 'csv' || !asIs;
}
