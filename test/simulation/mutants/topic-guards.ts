import type { Item, Tables } from '#shared/store/tables.ts';
import type { Mutant } from './mutant.ts';
import { isJob, reading, rewriting } from './rewrite.ts';

/** Guards against a topic that took the place of the one that a job has loaded from. */

/** Jobs without the id of their topic; they are written back with it. */
function forgettingTopics(tables: Tables): Tables {
  let known: Item[string] | undefined;
  const seen = reading(tables, (item) => {
    if (item.spec === undefined) return item;
    const { topicId, ...rest } = item;
    known = topicId ?? known;
    return rest;
  });
  return rewriting(seen, (write) => {
    if (!isJob(write) || write.kind !== 'put' || known === undefined) return write;
    return { ...write, item: { topicId: known, ...write.item } };
  });
}

export const TOPIC_GUARDS: readonly Mutant[] = [
  {
    guard: 'a loader reads only the topic that its job was divided for',
    sabotage: () => ({
      tables: (tables, process) => (process.kind === 'loader' ? forgettingTopics(tables) : tables),
    }),
  },
  {
    guard: 'a job does not go on by itself in a topic that was created anew',
    sabotage: () => ({
      tables: (tables, process) =>
        process.kind === 'scheduler' ? forgettingTopics(tables) : tables,
    }),
  },
];
