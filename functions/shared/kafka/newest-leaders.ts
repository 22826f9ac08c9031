import type { TopicMetadata } from './metadata-request.ts';

/**
 * A topic as it was told, but with each partition as the newest of its leaders has it. Brokers learn of elections one
 * after the other: a late one would send us back to a leader that has been replaced, who may not know it yet and would
 * answer (KIP-320). Leaders of a topic that was made again, and those told without an epoch, are taken as they are told.
 */
export function newestLeaders(
  known: TopicMetadata | undefined,
  told: TopicMetadata,
): TopicMetadata {
  if (!known || known.topicId === undefined || known.topicId !== told.topicId) return told;
  const partitions = new Map(
    [...told.partitions].map(([partition, state]) => {
      const before = known.partitions.get(partition);
      const isOlder = state.leaderEpoch >= 0 && before && state.leaderEpoch < before.leaderEpoch;
      return [partition, isOlder ? before : state];
    }),
  );
  return { ...told, partitions };
}
