import type { SinkHandle } from '#shared/domain/task.ts';
import type { CommitOutcome, SinkWriter } from '../sinks/sink.ts';
import { pairHandles, unpairHandle } from './paired-handle.ts';

/** A file or an object on its way. */
export interface StagedPart extends Pick<SinkWriter, 'write' | 'prepare' | 'discard'> {
  /** Whether nothing was written to it. */
  readonly isEmpty: boolean;
}

/**
 * An attempt of two parts: rows, and dead letters, which are opened when the first of them comes.
 *
 * @param rows opened already; given up where there are dead letters but no rows, which no reader has use for
 */
export function pairedWriter(rows: StagedPart, openLetters: () => Promise<StagedPart>): SinkWriter {
  let opened: Promise<StagedPart> | undefined;
  return {
    write: (chunk, period) => rows.write(chunk, period),
    async keep(chunk) {
      opened ??= openLetters();
      await (await opened).write(chunk);
    },
    async prepare() {
      const letters = await (await opened)?.prepare();
      if (letters && rows.isEmpty) {
        await rows.discard();
        return pairHandles({ letters });
      }
      return pairHandles({ rows: await rows.prepare(), letters });
    },
    async discard() {
      await rows.discard();
      const [letters] = await Promise.allSettled([opened]);
      if (letters.status === 'fulfilled') await letters.value?.discard();
    },
  };
}

/**
 * Commits both parts of a handle, dead letters first; both are idempotent, so a repetition finishes what an
 * earlier try began.
 */
export async function commitPair(
  handle: SinkHandle,
  commit: (part: SinkHandle, which: 'rows' | 'letters') => Promise<CommitOutcome>,
): Promise<CommitOutcome> {
  const { rows, letters } = unpairHandle(handle);
  let outcome: CommitOutcome = { kind: 'already-committed' };
  if (letters) outcome = await commit(letters, 'letters');
  const isDone = outcome.kind === 'committed' || outcome.kind === 'already-committed';
  return rows && isDone ? commit(rows, 'rows') : outcome;
}
