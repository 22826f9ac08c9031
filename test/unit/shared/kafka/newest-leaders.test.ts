import { expect, test } from 'vitest';
import type { TopicMetadata } from '#shared/kafka/metadata-request.ts';
import { newestLeaders } from '#shared/kafka/newest-leaders.ts';

type Leader = readonly [leader: number, leaderEpoch: number];

const topic = (topicId: string | undefined, leaders: readonly Leader[]): TopicMetadata => ({
  topic: 'flights',
  errorCode: 0,
  topicId,
  partitions: new Map(
    leaders.map(([leader, leaderEpoch], partition) => [
      partition,
      { partition, errorCode: 0, leader, leaderEpoch },
    ]),
  ),
});

const leadersOf = ({ partitions }: TopicMetadata) =>
  [...partitions.values()].map(({ leader, leaderEpoch }) => [leader, leaderEpoch]);

test.each<[string, Leader, Leader, Leader]>([
  ['a newer leader takes the place of one before it', [1, 4], [2, 5], [2, 5]],
  ['a leader of before does not come back by a late broker', [2, 5], [1, 4], [2, 5]],
  ['a leader that is lost is lost', [2, 5], [-1, 5], [-1, 5]],
  ['what is told without an epoch counts as it is told', [2, 5], [1, -1], [1, -1]],
])('%s', (_, known, told, expected) => {
  const both = [topic('a', [known]), topic('a', [told])] as const;
  expect(leadersOf(newestLeaders(...both))).toEqual([expected]);
});

test('partitions are judged each for itself, and new ones are taken', () => {
  const known = topic('a', [
    [1, 3],
    [2, 9],
  ]);
  const told = topic('a', [
    [2, 4],
    [1, 8],
    [3, 0],
  ]);
  expect(leadersOf(newestLeaders(known, told))).toEqual([
    [2, 4],
    [2, 9],
    [3, 0],
  ]);
});

test('a topic that was made again begins to count anew, and so does one whose id is not known', () => {
  const known = topic('a', [[2, 9]]);
  expect(leadersOf(newestLeaders(known, topic('b', [[1, 0]])))).toEqual([[1, 0]]);
  expect(leadersOf(newestLeaders(known, topic(undefined, [[1, 0]])))).toEqual([[1, 0]]);
  expect(leadersOf(newestLeaders(undefined, topic('a', [[1, 0]])))).toEqual([[1, 0]]);
});
