import { LoadFailure } from './failure.ts';

/** Whether a topic is another one than the job began with; brokers that tell no ids cannot say. */
export function isRecreated(
  begunWith: { readonly topicId?: string | undefined },
  found: { readonly topicId?: string | undefined },
): boolean {
  const { topicId } = begunWith;
  return topicId !== undefined && found.topicId !== undefined && found.topicId !== topicId;
}

/** The failure of a topic whose id is not the one that the job began with. */
export function topicRecreated(topic: string): LoadFailure {
  return new LoadFailure(
    'TOPIC_RECREATED',
    `topic ${topic} was deleted and created again: the offsets loaded so far belong to a topic that is gone; set where to go on with "seek" and resume`,
    { facts: { topic } },
  );
}
