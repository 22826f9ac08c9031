import {
  loadedTable,
  type TableState,
} from '../../../../../functions/loader/sinks/iceberg/table-state.ts';

/** A commit as the sink sends it, as far as this table understands it. */
export interface CommitRequest {
  readonly requirements: readonly { readonly type: string; readonly [field: string]: unknown }[];
  readonly updates: readonly { readonly action: string; readonly [field: string]: unknown }[];
}

const UUID = 'table-1';
const BY_DAY = [{ name: 'day', transform: 'day', 'source-id': 2, 'field-id': 1000 }];

/** One table of a catalog in memory, which takes commits as Iceberg's own catalog does: whole, or not at all. */
export class MemoryTable {
  /** Snapshots that ever were, also those that nobody can find any more. */
  readonly everAdded = new Set<bigint>();
  readonly #parts: readonly object[];
  #snapshots: Readonly<Record<string, unknown>>[] = [];
  #main: bigint | undefined;
  #properties: Record<string, string> = {};
  #sequence = 0n;

  constructor({ isPartitioned }: { readonly isPartitioned: boolean }) {
    this.#parts = isPartitioned ? BY_DAY : [];
  }

  /** As the catalog shows it; `refs`: with its newest snapshot only. */
  show(snapshots: 'refs' | 'all'): TableState {
    const newest = this.#snapshots.filter((one) => one['snapshot-id'] === this.#main);
    const main = { type: 'branch', 'snapshot-id': this.#main };
    const fields = [
      { id: 1, name: 'row', required: false, type: 'long' },
      { id: 2, name: 'at', required: false, type: 'date' },
    ];
    const metadata = {
      'format-version': 2,
      'table-uuid': UUID,
      location: 's3://tables/flights',
      'last-sequence-number': this.#sequence,
      'last-updated-ms': 0,
      schemas: [{ 'schema-id': 0, fields }],
      'current-schema-id': 0,
      'partition-specs': [{ 'spec-id': 0, fields: this.#parts }],
      'default-spec-id': 0,
      properties: { ...this.#properties },
      snapshots: snapshots === 'refs' ? newest : [...this.#snapshots],
      ...(this.#main !== undefined && { refs: { main } }),
    };
    return loadedTable.parse({ metadata }).metadata;
  }

  /** @returns whether it counts; a requirement that does not hold is a conflict */
  commit({ requirements, updates }: CommitRequest): boolean {
    const holds = requirements.every((one) =>
      one.type === 'assert-table-uuid'
        ? one.uuid === UUID
        : (one['snapshot-id'] ?? undefined) === this.#main,
    );
    if (!holds) return false;
    for (const { action, snapshot, updates: properties, 'snapshot-id': id } of updates) {
      if (action === 'add-snapshot') this.#add(snapshot as Record<string, unknown>);
      if (action === 'set-snapshot-ref') this.#main = id as bigint;
      if (action === 'set-properties') Object.assign(this.#properties, properties);
    }
    return true;
  }

  /** A person removes what the loaders wrote down. */
  removeProperties(): void {
    this.#properties = {};
  }

  #add(snapshot: Readonly<Record<string, unknown>>): void {
    this.#sequence += 1n;
    this.everAdded.add(snapshot['snapshot-id'] as bigint);
    this.#snapshots.push(snapshot);
  }
}
