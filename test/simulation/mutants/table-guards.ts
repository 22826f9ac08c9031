import type { CatalogLink } from '../../../functions/loader/sinks/iceberg/catalog-link.ts';
import type { CommitRequest } from '../doubles/sinks/iceberg/memory-table.ts';
import type { Mutant } from './mutant.ts';

/** Guards of the Iceberg sink: what it asks of the catalog, and what it makes of what the table says. */

/** A catalog whose commits go through `change`. */
function committing(change: (request: CommitRequest) => CommitRequest) {
  return (catalog: CatalogLink): CatalogLink => ({
    ...catalog,
    commit: (request) => catalog.commit(change(request as CommitRequest)),
  });
}

export const TABLE_GUARDS: readonly Mutant[] = [
  {
    guard: 'iceberg: a commit counts only on top of the snapshot that it was made on',
    sink: 'iceberg',
    sabotage: () => ({ catalog: committing((request) => ({ ...request, requirements: [] })) }),
  },
  {
    guard: 'iceberg: a commit without an answer is looked for in the table',
    sink: 'iceberg',
    sabotage: () => ({
      catalog: (catalog) => ({
        ...catalog,
        async commit(request) {
          const answer = await catalog.commit(request);
          return answer.kind === 'unknown' ? { kind: 'done' } : answer;
        },
      }),
    }),
  },
];
