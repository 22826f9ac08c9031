import { asLoadFailure, LoadFailure } from '#shared/domain/failure.ts';
import type { Job } from '#shared/domain/job.ts';
import type { KafkaCluster, KafkaClusters, TopicDescription } from '#shared/kafka/cluster.ts';
import { type ClusterView, observeSource } from './observe.ts';
import type { AgeLook } from './observe-age.ts';
import type { Observed } from './observed.ts';

/** Jobs by the cluster they read: jobs of one cluster, read as the same user, share a connection. */
export function groupByCluster(jobs: readonly Job[]): Job[][] {
  const groups = new Map<string, Job[]>();
  for (const job of jobs) {
    const { clusterArn, brokers, auth } = job.spec.source.kafka;
    const address = JSON.stringify([clusterArn ?? [...(brokers ?? [])].sort(), auth]);
    const group = groups.get(address) ?? [];
    group.push(job);
    groups.set(address, group);
  }
  return [...groups.values()];
}

/** A cluster that is connected to when the first job needs it, with the topics of all jobs of the group. */
export interface LazyView {
  source(stored: Pick<Observed, 'job' | 'lanes'>): ReturnType<typeof observeSource>;
  close(): Promise<void>;
}

/** The lazy view of a group's cluster; a failure to connect is every job's source failure, once. */
export function lazyView(clusters: KafkaClusters, group: readonly Job[], look?: AgeLook): LazyView {
  let opened: Promise<ClusterView | LoadFailure> | undefined;
  const open = async (): Promise<ClusterView | LoadFailure> => {
    try {
      const { clusterArn, brokers, auth } = (group[0] as Job).spec.source.kafka;
      const cluster = await clusters.connect({ clusterArn, brokers, auth });
      const names = [...new Set(group.map((job) => job.spec.source.kafka.topic))];
      try {
        return { cluster, topics: await describeAll(cluster, names) };
      } catch (error) {
        await cluster.close();
        throw error;
      }
    } catch (error) {
      return asLoadFailure(error);
    }
  };
  return {
    async source(stored) {
      opened ??= open();
      const view = await opened;
      return view instanceof LoadFailure ? view : observeSource(view, stored, look);
    },
    async close() {
      const view = await opened;
      if (view && !(view instanceof LoadFailure)) await view.cluster.close();
    },
  };
}

/**
 * One request for all topics; when it is refused, one for each, so that a topic that may not be seen is the
 * trouble of its own jobs only.
 */
async function describeAll(
  cluster: KafkaCluster,
  names: readonly string[],
): Promise<ClusterView['topics']> {
  try {
    return await cluster.describeTopics(names);
  } catch (error) {
    if (names.length === 1 || asLoadFailure(error).code === 'BROKER_UNREACHABLE') throw error;
  }
  const topics = new Map<string, TopicDescription | LoadFailure>();
  for (const name of names) {
    try {
      for (const [topic, found] of await cluster.describeTopics([name])) topics.set(topic, found);
    } catch (error) {
      topics.set(name, asLoadFailure(error));
    }
  }
  return topics;
}
