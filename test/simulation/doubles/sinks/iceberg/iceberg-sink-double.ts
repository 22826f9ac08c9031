import { LoadFailure } from '#shared/domain/failure.ts';
import { icebergDestination } from '#shared/domain/spec/iceberg-destination.ts';
import { attemptLabel, type SinkHandle } from '#shared/domain/task.ts';
import { readAvroFile } from '../../../../../functions/loader/sinks/iceberg/avro-file.ts';
import type {
  CatalogLink,
  CommitAnswer,
} from '../../../../../functions/loader/sinks/iceberg/catalog-link.ts';
import { readManifestList } from '../../../../../functions/loader/sinks/iceberg/manifest-list.ts';
import {
  type DecidedFiles,
  decidedFiles,
} from '../../../../../functions/loader/sinks/iceberg/table-handle.ts';
import { makeIcebergSink } from '../../../../../functions/loader/sinks/iceberg.ts';
import type { Process } from '../../../engine/process.ts';
import { Bucket, type Completion, s3Error } from '../s3/bucket.ts';
import { type S3Wire, s3ClientDouble } from '../s3/s3-client-double.ts';
import { countRows, isOdd, type SinkDouble, type SinkDoubleDeps } from '../simulated-sink.ts';
import { asParquet } from './as-parquet.ts';
import { type CommitRequest, MemoryTable } from './memory-table.ts';

/** How often a catalog answers to a commit what says nothing: that it counts, or that it does not. */
const ODD_ANSWER = 0.05;

/**
 * A table of Apache Iceberg, its catalog and its bucket under the product's sink for it.
 *
 * What goes wrong besides the network: answers to commits that say nothing, a lifecycle rule that removes uploads, and
 * a person who removes the table's properties.
 */
export class IcebergSinkDouble implements SinkDouble {
  downUntil = 0;
  readonly isPartitioned: boolean;
  readonly #deps: SinkDoubleDeps;
  readonly #bucket = new Bucket();
  readonly #table: MemoryTable;
  readonly #decided = new Set<string>();
  readonly #forgotten = new Set<string>();
  #tokens = 0;

  constructor(deps: SinkDoubleDeps) {
    this.#deps = deps;
    this.isPartitioned = deps.random.chance(0.5);
    this.#table = new MemoryTable(this);
  }

  sinkFor({ spec }: Parameters<SinkDouble['sinkFor']>[0], process: Process) {
    const catalog = this.#catalogOf(process);
    const sink = makeIcebergSink({
      destination: icebergDestination.parse({
        catalog: { uri: 'http://127.0.0.1:8181' },
        namespace: 'air',
        table: 'flights',
      }),
      jobName: spec.name,
      catalog: this.#deps.sabotage.catalog?.(catalog) ?? catalog,
      client: s3ClientDouble(this.#bucket, this.#wireOf(process)),
      clock: this.#deps.clockOf(process),
      random: () => 0.5,
      newToken: () => {
        this.#tokens += 1;
        return `token-${this.#tokens}`;
      },
    });
    return asParquet(sink);
  }

  /** As a reader goes: newest snapshot, its manifests, their files. */
  get visible() {
    const { snapshots } = this.#table.show('refs');
    const files = snapshots.flatMap(({ 'manifest-list': list = '' }) =>
      readManifestList(this.#at(list)).flatMap(({ manifest_path: path }) =>
        readAvroFile(this.#at(String(path))).rows.map(({ data_file: file }) =>
          String((file as { file_path: unknown }).file_path),
        ),
      ),
    );
    return countRows(files.map((path) => this.#at(path).toString()));
  }

  get prepared(): ReadonlyMap<string, unknown> {
    return new Map([...this.#bucket.uploads.values()].map((one) => [labelIn(one.key), one]));
  }

  noteDecided(handle: SinkHandle): void {
    for (const { uploadId } of filesOf(handle)) this.#decided.add(uploadId);
  }

  hasForgotten(handle: SinkHandle): boolean {
    return filesOf(handle).some(({ uploadId }) => this.#forgotten.has(uploadId));
  }

  hasApplied(handle: SinkHandle): boolean {
    const entry = decidedFiles(handle)?.entry;
    return entry !== undefined && this.#table.everAdded.has(entry.snapshotId);
  }

  forgetPrepared(): void {
    for (const id of this.#bucket.uploads.keys()) this.#forgotten.add(id);
    this.#bucket.uploads.clear();
  }

  forgetLabels(): void {
    this.#table.removeProperties();
  }

  #at(location: string): Buffer {
    return this.#bucket.head(location.replace('s3://tables/', '')).body;
  }

  #catalogOf(process: Process): CatalogLink {
    const ask = <T>(what: string, effect: () => T) =>
      this.#deps.calls.perform(process, {
        kind: 'request',
        effect: async () => {
          if (this.#deps.now() < this.downUntil) throw noAnswer();
          return effect();
        },
        refused: noAnswer,
        lost: noAnswer,
        describe: () => `catalog ${what}`,
      });
    return {
      load: ({ snapshots }) => ask(`load ${snapshots}`, () => this.#table.show(snapshots)),
      commit: (request) =>
        ask('commit', () => this.#commit(request as CommitRequest)).catch((error: unknown) => {
          if (error instanceof LoadFailure) return { kind: 'unknown', message: error.message };
          throw error;
        }),
    };
  }

  #commit(request: CommitRequest): CommitAnswer {
    const counts = this.#table.commit(request);
    if (!isOdd(this.#deps, 'sink-refuses', ODD_ANSWER)) {
      return counts ? { kind: 'done' } : { kind: 'conflict', message: 'another snapshot' };
    }
    // A request that was repeated on its way is refused although it counted.
    const kind = this.#deps.random.pick(['unknown', 'conflict'] as const);
    return { kind, message: 'odd' };
  }

  #wireOf(process: Process): S3Wire {
    return {
      page: 1_000,
      send: (what, isPrivate, effect) =>
        this.#deps.calls.perform(process, {
          kind: 'request',
          isPrivate,
          effect: async () => {
            if (this.#deps.now() < this.downUntil) throw noAnswer();
            return effect();
          },
          refused: () => s3Error('SlowDown', 503),
          lost: () => Object.assign(new Error('socket hang up'), { name: 'TimeoutError' }),
          describe: () => `s3 ${what}`,
        }),
      complete: (completion) => this.#complete(completion),
      abort: (uploadId) => this.#abort(uploadId),
    };
  }

  #complete(completion: Completion): void {
    const { uploadId } = completion;
    if (!this.#decided.has(uploadId)) {
      this.#deps.witness.violated('no-commit-before-decision', uploadId);
    }
    if (this.#bucket.completed.has(uploadId)) throw s3Error('PreconditionFailed', 412);
    this.#bucket.complete(completion);
  }

  #abort(uploadId: string): void {
    if (this.#bucket.uploads.has(uploadId) && this.#decided.has(uploadId)) {
      this.#deps.witness.violated('no-abort-after-decision', `${uploadId} was decided`);
    }
    this.#bucket.abort(uploadId);
  }
}

function noAnswer(): LoadFailure {
  return new LoadFailure('SINK_UNREACHABLE', 'the catalog cannot be reached');
}

function filesOf(handle: SinkHandle): DecidedFiles['files'] {
  return decidedFiles(handle)?.files ?? [];
}

function labelIn(key: string): string {
  const [jobId = '', id = '', attempt] =
    (key.split('/').at(-1) ?? '').split('.', 1)[0]?.split('-') ?? [];
  return attemptLabel({ jobId, id }, Number(attempt));
}
