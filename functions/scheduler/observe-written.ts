import type { Job } from '#shared/domain/job.ts';
import type { Lane } from '#shared/domain/lane.ts';
import type { OffsetMap } from '#shared/domain/offsets.ts';
import { type LogView, resolveOffset } from '#shared/domain/start-offsets.ts';
import type { KafkaCluster } from '#shared/kafka/cluster.ts';

/** Whose offsets, and the log as far as the job may read it. */
export interface WrittenQuestion extends Omit<LogView, 'written'> {
  readonly job: Job;
  /** Of the generation that counts. */
  readonly lanes: readonly Lane[];
}

/**
 * Where the partitions end, uncommitted records included, in which a job that reads committed ones wants to go on
 * behind the last stable offset; `undefined` when there are none, which costs no request. Such an offset comes of a
 * job that read uncommitted records before, or of a person. Taken for one that the log has lost, it would make the
 * policy `earliest` load the topic a second time.
 *
 * @throws {LoadFailure} the cluster's
 */
export async function observeWritten(
  cluster: KafkaCluster,
  { job, lanes, ...log }: WrittenQuestion,
): Promise<OffsetMap | undefined> {
  const { topic, isolation } = job.spec.source.kafka;
  if (isolation === 'read_uncommitted') return undefined;
  const known = new Map(lanes.flatMap((lane) => [...lane.next]));
  const partitions = [...log.latest].flatMap(([partition, stable]) => {
    const wanted = [known.get(partition), ...givenOffsets(job, partition, log)];
    return wanted.some((offset) => offset !== undefined && offset > stable) ? [partition] : [];
  });
  if (partitions.length === 0) return undefined;
  return cluster.listOffsets({ topic, partitions, at: 'latest', isolation: 'read_uncommitted' });
}

/** Where the coming division may begin a partition by a person's word. */
function givenOffsets(job: Job, partition: number, log: LogView): (bigint | undefined)[] {
  if (job.state !== 'NEED_SCHEDULE') return [];
  const given = [job.spec.source.kafka.startOffsets, job.seek];
  return given.map((spec) => spec && resolveOffset(spec, partition, log));
}
