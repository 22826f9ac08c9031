import { describe, expect, it } from 'vitest';
import { readAvroFile } from '../../../../../functions/loader/sinks/iceberg/avro-file.ts';
import type {
  CatalogLink,
  CommitAnswer,
} from '../../../../../functions/loader/sinks/iceberg/catalog-link.ts';
import { commitTable } from '../../../../../functions/loader/sinks/iceberg/commit-table.ts';
import type { DecidedFiles } from '../../../../../functions/loader/sinks/iceberg/table-handle.ts';
import type { TableState } from '../../../../../functions/loader/sinks/iceberg/table-state.ts';
import { NO_PERIOD } from '../../../../../functions/loader/sinks/period.ts';
import { LoadFailure } from '../../../../../functions/shared/domain/failure.ts';
import { type MadeSnapshot, madeTable } from './made-tables.ts';

/** Commits to a catalog that answers what a test wants, beside files in memory. */

const SNAPSHOT_ID = 42n;

const decided: DecidedFiles = {
  entry: {
    tableUuid: 'uuid-1',
    property: 'routine-load.job.0',
    mark: '1.2.task',
    before: undefined,
    base: undefined,
    snapshotId: SNAPSHOT_ID,
  },
  specId: 0,
  schemaId: 0,
  files: [
    {
      bucket: 'lake',
      key: 'flights/data/a.parquet',
      uploadId: 'u',
      etags: 'e',
      token: 't',
      bytes: 9,
      rows: 1,
      period: NO_PERIOD,
    },
  ],
};

interface Scene {
  readonly table: TableState;
  /** What becomes of a commit, and of the table. */
  readonly commit: (request: CommitRequest) => CommitAnswer | TableState;
  /** What the table is when a file is looked for that is gone. @default as it was */
  readonly later?: TableState;
}

interface CommitRequest {
  readonly updates: readonly [{ readonly snapshot: { readonly 'manifest-list': string } }];
}

function scene({ table, commit, later = table }: Scene) {
  let now = table;
  const files = new Map<string, Buffer>();
  const catalog: CatalogLink = {
    load: async () => now,
    commit: async (request) => {
      const answer = commit(request as CommitRequest);
      if ('kind' in answer) return answer;
      now = answer;
      return { kind: 'unknown', message: 'lost' };
    },
  };
  const run = () =>
    commitTable(decided, {
      catalog,
      metadata: {
        write: async (path, bytes) => void files.set(path, bytes),
        read: async (path) => {
          const found = files.get(path);
          if (found) return found;
          now = later;
          throw new LoadFailure('SINK_REJECTED', `cannot read metadata: NoSuchKey ${path}`);
        },
        remove: async (path) => void files.delete(path),
      },
      clock: { now: () => 0, sleep: async () => {} },
      newToken: () => `token-${files.size}`,
      complete: async () => ({ kind: 'committed' }),
    });
  return { run, files };
}

const counted = (manifestList: string, more: Partial<MadeSnapshot> = {}) => {
  const table = madeTable({ made: [{ id: SNAPSHOT_ID, ...more }] });
  const snapshots = table.snapshots.map((one) => ({ ...one, 'manifest-list': manifestList }));
  return { ...table, snapshots };
};

describe('a commit', () => {
  it('that counted keeps its files, whatever the catalog puts before their names', async () => {
    const { run, files } = scene({
      table: madeTable(),
      commit: ({ updates: [{ snapshot }] }) =>
        counted(snapshot['manifest-list'].replace('s3://lake', 's3a://alias')),
    });
    expect(await run()).toEqual({ kind: 'already-committed' });
    expect(files.size).toBe(2);
  });

  it("of another loader that counted leaves nothing of one's own", async () => {
    const { run, files } = scene({
      table: madeTable(),
      commit: () => counted('s3://lake/flights/metadata/theirs.avro'),
    });
    expect(await run()).toEqual({ kind: 'already-committed' });
    expect(files.size).toBe(0);
  });

  it('names files by the scheme that the table has', async () => {
    const { run, files } = scene({
      table: madeTable({ location: 's3a://lake/flights/' }),
      commit: () => ({ kind: 'done' }),
    });
    expect(await run()).toEqual({ kind: 'committed' });
    const [manifest] = [...files].filter(([path]) => path.endsWith('-m0.avro'));
    expect(manifest?.[0]).toMatch(/^s3a:\/\/lake\/flights\/metadata\//);
    expect(readAvroFile(manifest?.[1] ?? Buffer.alloc(0)).rows).toMatchObject([
      { data_file: { file_path: 's3a://lake/flights/data/a.parquet' } },
    ]);
  });

  it('is refused for good by a table that is as it was', async () => {
    const { run } = scene({
      table: madeTable(),
      commit: () => {
        throw new LoadFailure('SINK_REJECTED', 'no');
      },
    });
    await expect(run()).rejects.toMatchObject({ code: 'SINK_REJECTED', message: 'no' });
  });

  it('is asked for again when the list that it was to read went with its snapshot', async () => {
    const { run } = scene({
      table: madeTable({ made: [{ id: 1n }] }),
      later: madeTable(),
      commit: () => ({ kind: 'done' }),
    });
    expect(await run()).toEqual({ kind: 'committed' });
  });
});

describe('files that were written by another schema', () => {
  it.each([
    ['long', 'long', 'committed'],
    ['int', 'long', 'committed'],
    ['decimal(9, 2)', 'decimal(12,2)', 'committed'],
    ['long', 'int', 'in-doubt'],
    ['long', 'string', 'in-doubt'],
    ['decimal(9, 2)', 'decimal(12, 3)', 'in-doubt'],
  ])('with %s where it is %s now are %s', async (was, type, kind) => {
    const schemas = [was, type].map((each, id) => ({
      'schema-id': id,
      fields: [{ id: 1, name: 'id', required: false, type: each }],
    }));
    const table = madeTable({ schemas, 'current-schema-id': 1 });
    const { run } = scene({ table, commit: () => ({ kind: 'done' }) });
    expect(await run()).toMatchObject({ kind });
  });
});

describe('the newest snapshot', () => {
  it('is told without branches, too', async () => {
    const table = madeTable({ made: [{ id: 1n }], 'current-snapshot-id': 1, refs: {} });
    const { run } = scene({ table, commit: () => ({ kind: 'done' }) });
    // Its list is looked for, and is not there.
    await expect(run()).rejects.toThrow('snap-1.avro');
  });
});
