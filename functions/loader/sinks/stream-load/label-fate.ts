import { LoadFailure } from '#shared/domain/failure.ts';

/** Rows of an attempt are visible, though no decision stands for it: loading the slice again would double them. */
export function visibleUndecided(label: string): LoadFailure {
  return new LoadFailure(
    'COMMIT_IN_DOUBT',
    `label ${label} is committed in the destination, though its task has no decision: its rows must not be loaded again`,
    { facts: { label } },
  );
}

/** The destination has no two phases for this table: what was sent is visible, and was not decided. */
export function committedAtOnce(label: string): LoadFailure {
  return new LoadFailure(
    'COMMIT_IN_DOUBT',
    `label ${label} was committed by the load itself: the destination does not load this table in two phases, so nothing can be loaded exactly once`,
    { facts: { label } },
  );
}
