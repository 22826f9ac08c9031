import { LoadFailure } from '#shared/domain/failure.ts';
import type { ClusterLink } from '#shared/kafka/cluster-link.ts';
import { listOffsetsRequest, readOffsets } from '#shared/kafka/list-offsets.ts';
import type { PartitionProgress } from './partition-progress.ts';

/** Whom to ask about which log. */
export interface OutOfRangeContext {
  readonly link: Pick<ClusterLink, 'send'>;
  readonly topic: string;
  readonly progress: PartitionProgress;
}

/**
 * The failure of a range that its log does not hold: OFFSET_OUT_OF_RANGE with the facts `topic`, `partition`,
 * `offset` and `to` (what is wanted), and `logStart` and `logEnd` as the partition's leader tells them now,
 * unless it does not answer.
 */
export async function outOfRange(
  { link, topic, progress }: OutOfRangeContext,
  cause: unknown,
): Promise<LoadFailure> {
  const { partition, position, to, leader } = progress;
  const boundAt = async (at: 'earliest' | 'latest') => {
    // What an open transaction has written is in the log, too.
    const isolation = 'read_uncommitted';
    const question = { topic, partitions: [partition], at, isolation } as const;
    const [answer] = readOffsets(await link.send(leader, listOffsetsRequest(question)));
    return answer?.offset;
  };
  const [start, end] = await Promise.allSettled([boundAt('earliest'), boundAt('latest')]);
  const logStart = start.status === 'fulfilled' ? start.value : undefined;
  const logEnd = end.status === 'fulfilled' ? end.value : undefined;
  return new LoadFailure(
    'OFFSET_OUT_OF_RANGE',
    `offsets ${position} to ${to} of partition ${partition} of ${topic} must be in its log, which has ${logStart ?? '?'} to ${logEnd ?? '?'}`,
    { cause, facts: { topic, partition, offset: position, to, logStart, logEnd } },
  );
}
