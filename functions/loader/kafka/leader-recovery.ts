import type { Clock } from '#shared/clock.ts';
import { asLoadFailure, LoadFailure } from '#shared/domain/failure.ts';
import { isRecreated, topicRecreated } from '#shared/domain/recreated-topic.ts';
import type { ClusterLink } from '#shared/kafka/cluster-link.ts';
import type { ClusterMetadata } from '#shared/kafka/metadata-request.ts';
import { protocolFailure } from '#shared/kafka/protocol-errors.ts';
import type { FetchSettings } from './fetch-settings.ts';
import type { PartitionProgress } from './partition-progress.ts';

const UNKNOWN_TOPIC_OR_PARTITION = 3;
/** Brokers learn of topics and moves one after the other: what several looks do not find does not exist. */
const LOOKS_FOR_A_PARTITION = 4;

/** What finding leaders needs. */
export interface LeaderRecoveryDeps {
  readonly link: Pick<ClusterLink, 'leaders' | 'leaderEpoch' | 'refreshMetadata'>;
  readonly clock: Clock;
  readonly settings: FetchSettings;
  readonly topic: string;
  /** What the topic's id must be; absent where it is not known. */
  readonly topicId?: string | undefined;
  /** Called when it is time for {@link LeaderRecovery.settle}. */
  readonly onLooked: () => void;
  /** Ends the waiting. */
  readonly ended: AbortSignal;
}

/** Finds the leaders of partitions that have lost theirs (`node` below 0), with growing pauses. */
export class LeaderRecovery {
  readonly #deps: LeaderRecoveryDeps;
  #isLooking = false;
  #found: { metadata: ClusterMetadata } | { failure: LoadFailure } | undefined;

  constructor(deps: LeaderRecoveryDeps) {
    this.#deps = deps;
  }

  /** Assigns the leaders that the link knows already; a new link knows none. */
  recall(lost: readonly PartitionProgress[]): void {
    const { link, topic } = this.#deps;
    const byPartition = new Map(lost.map((progress) => [progress.partition, progress]));
    for (const [node, partitions] of link.leaders(topic, [...byPartition.keys()])) {
      for (const partition of partitions) {
        const progress = byPartition.get(partition);
        if (!progress) continue;
        progress.leader = node;
        progress.leaderEpoch = link.leaderEpoch(topic, partition);
        progress.node = node;
      }
    }
  }

  /** Asks the cluster in the background, unless nothing is lost or it is being asked. */
  look(lost: readonly PartitionProgress[]): void {
    if (lost.length === 0 || this.#isLooking) return;
    this.#isLooking = true;
    void this.#look(Math.max(...lost.map(({ failures }) => failures)));
  }

  /**
   * Assigns what was found.
   *
   * @returns why some are still lost, if so
   * @throws {LoadFailure} TOPIC_NOT_FOUND, TOPIC_RECREATED or PARTITION_NOT_FOUND when several looks agree, or the
   * cluster's own failure when trying again is no use
   */
  settle(lost: readonly PartitionProgress[]): LoadFailure | undefined {
    const found = this.#found;
    this.#found = undefined;
    if (!found) return undefined;
    if ('failure' in found) {
      if (!found.failure.retryable) throw found.failure;
      for (const progress of lost) progress.failures += 1;
      return found.failure;
    }
    const { topic, topicId } = this.#deps;
    const isOther = isRecreated({ topicId }, found.metadata.topics.get(topic) ?? {});
    if (!isOther) this.recall(lost);
    let last: LoadFailure | undefined;
    for (const progress of lost) {
      if (progress.node >= 0) continue;
      progress.failures += 1;
      last = isOther ? topicRecreated(topic) : this.#missing(progress, found.metadata);
      if (!last.retryable && progress.failures >= LOOKS_FOR_A_PARTITION) throw last;
    }
    return last;
  }

  async #look(failures: number): Promise<void> {
    const { link, clock, settings, topic, onLooked, ended } = this.#deps;
    try {
      if (failures > 0) {
        const pauseMs = settings.firstBackoffMs * 2 ** (failures - 1);
        await clock.sleep(Math.min(pauseMs, settings.longestBackoffMs), ended);
      }
      this.#found = { metadata: await link.refreshMetadata([topic]) };
    } catch (error) {
      if (ended.aborted) return;
      this.#found = { failure: asLoadFailure(error) };
    }
    this.#isLooking = false;
    onLooked();
  }

  #missing({ partition }: PartitionProgress, metadata: ClusterMetadata): LoadFailure {
    const { topic } = this.#deps;
    const described = metadata.topics.get(topic);
    const errorCode = described ? described.errorCode : UNKNOWN_TOPIC_OR_PARTITION;
    if (errorCode !== 0) return protocolFailure(errorCode, `topic ${topic}`, { topic });
    if (!described?.partitions.has(partition)) {
      return new LoadFailure(
        'PARTITION_NOT_FOUND',
        `topic ${topic} has no partition ${partition}`,
        {
          facts: { topic, partition },
        },
      );
    }
    return new LoadFailure('KAFKA_ERROR', `partition ${partition} of ${topic} has no leader now`, {
      facts: { topic, partition },
    });
  }
}
