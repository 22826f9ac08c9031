import type { SinkHandle } from '#shared/domain/task.ts';
import { pairHandles, unpairHandle } from '../../../functions/loader/dead-letters/paired-handle.ts';
import type { Sink } from '../../../functions/loader/sinks/sink.ts';
import type { Mutant } from './mutant.ts';

/** Guards of the sinks that keep rows apart by a date, where one decision stands for several objects or files. */

/** Commits only the first that the list in a handle names. */
function committingFirst(list: 'uploads' | 'files') {
  const firstOf = (handle: SinkHandle): SinkHandle => {
    const { rows, letters } = unpairHandle(handle);
    const all = rows?.[list];
    if (rows === undefined || all === undefined) return handle;
    return pairHandles({ rows: { ...rows, [list]: String(all).split('\n', 1)[0] ?? '' }, letters });
  };
  return (sink: Sink): Sink => ({ ...sink, commit: (handle) => sink.commit(firstOf(handle)) });
}

export const PERIOD_GUARDS: readonly Mutant[] = [
  {
    guard: 's3: every object of a decision is completed before its task is done',
    sink: 's3',
    sabotage: () => ({ sink: committingFirst('uploads') }),
  },
  {
    guard: 'file: every file of a decision is published before its task is done',
    sink: 'file',
    sabotage: () => ({ sink: committingFirst('files') }),
  },
];
