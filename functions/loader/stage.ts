import type { Clock } from '#shared/clock.ts';
import { type BadOffsets, isLost, type LostLetters, lostOf } from '#shared/domain/bad-offsets.ts';
import type { Job } from '#shared/domain/job.ts';
import type { LeaderEpochs } from '#shared/domain/leader-epochs.ts';
import type { OffsetRanges } from '#shared/domain/offset-ranges.ts';
import type { OffsetMap } from '#shared/domain/offsets.ts';
import { batchWithin } from '#shared/domain/slice-plan.ts';
import { rowFormatOf } from '#shared/domain/spec/row-format.ts';
import type { SinkHandle, Task, TaskStatistics } from '#shared/domain/task.ts';
import { NO_TRACE, type Trace } from '#shared/observe/trace.ts';
import { badOffsetsOf, rangesRead } from './dead-letters/bad-offsets-of.ts';
import { NotedOffsets } from './dead-letters/noted-offsets.ts';
import { readBadRecords } from './dead-letters/read-bad-records.ts';
import { readDeadLetters } from './dead-letters/read-dead-letters.ts';
import { DEFAULT_TRANSFORM, openRows, type TransformSettings } from './open-rows.ts';
import type { RecordConsumer, SliceRead, SliceReader } from './records.ts';
import { withJudgement } from './rows/judged-counts.ts';
import { makeLazyWriter } from './rows/lazy-writer.ts';
import type { Sink } from './sinks/sink.ts';
import { type TypesInStore, typedSpec } from './transform/infer/typed-spec.ts';

/** What reading and preparing a slice came to; `handle` is absent when there was nothing to load. */
export interface Staged {
  readonly handle: SinkHandle | undefined;
  readonly to: OffsetMap;
  readonly epochs: LeaderEpochs;
  readonly ends: OffsetMap;
  readonly statistics: TaskStatistics;
  /** The bad records, where the sink keeps none of them. */
  readonly badOffsets?: BadOffsets | undefined;
  /** Of the dead letters that were to be loaded again. */
  readonly lost?: LostLetters | undefined;
}

/** One attempt's reading, as the task protocol asks for it. */
interface StageRequest {
  readonly job: Job;
  readonly task: Task;
  readonly sink: Sink;
  readonly label: string;
  /** Of the dead letters that the task loads again: those that the topic has. */
  readonly letters: readonly BadOffsets[];
  /** What is inferred for the job. */
  readonly types: TypesInStore;
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
      sink.open(label, {
        lane: task.lane,
        generation: task.generation,
        revision: task.laneRevision,
        slice: task.slice,
        onProgress,
      }),
    );
    const { clock, valueReadings } = settings;
    const table = await sink.table?.();
    const typed = await typedSpec(job.spec, {
      types: request.types,
      valueReadings,
      read: (consumer) => readRecords(reader, sampling(request, clock), consumer),
      onProgress,
    });
    const spec = { ...typed, table };
    const noted = sink.keepsBadRows ? undefined : new NotedOffsets();
    const opened = await openRows({
      spec,
      writer,
      keep: sink.keepsBadRows ? writer.keep : undefined,
      noted,
      limits: task.redrive ? NO_LIMITS : batchWithin(job.spec.batch, limits),
      settings,
      signal,
      onProgress,
    });
    try {
      const left = request.deadline - clock.now();
      const deadline = request.deadline - Math.max(0, opened.reserve * left);
      const reading = { ...request, deadline, clock };
      const read = await trace.span('read', () => readRecords(reader, reading, opened.rows));
      const own = await opened.rows.finish();
      onProgress();
      const handle = await trace.span('prepare', () => writer.prepare());
      const judged = await writer.judged();
      const statistics = judged ? withJudgement(own, judged, { isExact: countsRows(job) }) : own;
      const { topicId } = job;
      return {
        handle,
        to: read.to,
        epochs: read.epochs,
        ends: read.ends,
        statistics,
        badOffsets:
          noted && badOffsetsOf({ noted, judged, statistics, topicId, read: read.ranges }),
        lost: read.lost,
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

/** What was read, and of which offsets. */
interface RecordsRead extends SliceRead {
  readonly ranges: OffsetRanges;
  readonly lost?: LostLetters | undefined;
}

type Reading = StageRequest & { readonly clock: Clock };

/** What is sampled is read once more: where no row is found, as much time is left to count the bad ones. */
function sampling(request: StageRequest, clock: Clock): Reading {
  const now = clock.now();
  return { ...request, clock, deadline: now + (request.deadline - now) / 2 };
}

async function readRecords(
  reader: SliceReader,
  request: Reading,
  consumer: RecordConsumer,
): Promise<RecordsRead> {
  const { task } = request;
  if (task.redrive) return redrive(reader, request, consumer);
  const { slice, epochs } = task;
  const read = await reader.read({ ...sourceOf(request), slice, epochs }, consumer);
  return { ...read, ranges: rangesRead(task.slice, read.to) };
}

/** Dead letters move no offsets. */
async function redrive(
  reader: SliceReader,
  request: Reading,
  consumer: RecordConsumer,
): Promise<RecordsRead> {
  const { task, letters } = request;
  const kept = (task.redrive?.letters ?? []).flatMap(({ location }) => location ?? []);
  await readDeadLetters({ ...request, locations: kept }, consumer);
  const { wanted, gone } = await readBadRecords(
    { ...sourceOf(request), reader, letters },
    consumer,
  );
  const lost = { ...lostOf(letters), gone };
  return {
    to: new Map(),
    epochs: new Map(),
    ends: new Map(),
    ranges: wanted,
    lost: isLost(lost) ? lost : undefined,
  };
}

function sourceOf({ job, deadline, signal, onProgress }: StageRequest) {
  const { kafka } = job.spec.source;
  const { topic, isolation } = kafka;
  const { topicId } = job;
  return { cluster: kafka, topic, topicId, isolation, deadline, signal, onProgress };
}

/** Whether each row that is sent is one for the destination: bytes that nobody looked into may hold more. */
function countsRows({ spec }: Job): boolean {
  const { format, asIs } = rowFormatOf(spec);
  return format === 'csv' || !asIs;
}
