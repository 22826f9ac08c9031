import type { Clock } from '#shared/clock.ts';
import { asLoadFailure, LoadFailure } from '#shared/domain/failure.ts';
import type { CommitOutcome } from '../sink.ts';
import type { CatalogLink } from './catalog-link.ts';
import { type Standing, standingOf } from './ledger.ts';
import { type AddedFile, manifestBytes } from './manifest.ts';
import {
  listed,
  manifestListBytes,
  type NewManifest,
  type PartitionSummary,
  readManifestList,
} from './manifest-list.ts';
import { dataPlaceOf, type MetadataFiles, parseLocation } from './metadata-files.ts';
import { commitRequest, nextSnapshot } from './new-snapshot.ts';
import { partitionValue } from './partition-value.ts';
import type { DecidedFiles } from './table-handle.ts';
import { FORMAT_VERSION, mainOf, schemaOf, specOf, type TableState } from './table-state.ts';
import { unreadableColumn } from './type-change.ts';

/*
 * One commit of one decision, whoever tries, and however often:
 *
 * - Before each try the table says whether the task is committed. Whether a try counts is the catalog's to say, by
 *   the newest snapshot that it was made on: of two loaders one wins, and the other looks again.
 * - An answer that was lost is no answer: the table is looked at again. A request that is still on its way then can
 *   only win while its snapshot is the newest, and then a second one of ours has lost.
 * - What a try wrote is removed only when the table shows that it does not count and cannot any more, whatever was
 *   answered: a request that was repeated on its way is refused though it counted. What is not certain is left to the
 *   table's own removal of orphan files.
 * - A refusal is for good only while the table stays as it was: a commit to another branch takes the sequence number,
 *   and an expiry the manifest list that was to be read.
 */

/** What {@link commitTable} needs. */
export interface CommitTableOptions {
  readonly catalog: CatalogLink;
  readonly metadata: MetadataFiles;
  readonly clock: Clock;
  /** Gives texts that were never given before. */
  readonly newToken: () => string;
  /** From 0 to 1, so that those who lost together do not try together again. @default Math.random */
  readonly random?: (() => number) | undefined;
  /** Makes the data files visible at their places, where only the table can find them. Idempotent. */
  readonly complete: () => Promise<CommitOutcome>;
  readonly onProgress?: (() => void) | undefined;
}

/** Others commit, too: what loses against them is tried again for so long, then later. */
const PATIENCE_MS = 60_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;

/** Adds decided files to their table. @throws {LoadFailure} what catalog and storage say for good */
export async function commitTable(
  decided: DecidedFiles,
  options: CommitTableOptions,
): Promise<CommitOutcome> {
  const { catalog, clock, random = Math.random, onProgress, complete } = options;
  const until = clock.now() + PATIENCE_MS;
  const tries = new Tries(decided, options);
  let isComplete = false;
  let refused: { readonly table: TableState; readonly failure: LoadFailure } | undefined;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    const { table, standing } = await look(catalog, decided);
    onProgress?.();
    await tries.tidy(table, standing);
    if (standing.kind === 'committed') return { kind: 'already-committed' };
    if (standing.kind === 'in-doubt') return standing;
    if (refused && isAsItWas(table, refused.table)) throw refused.failure;
    const closed = closedTo(table, decided);
    if (closed !== undefined) return { kind: 'in-doubt', message: closed };
    if (!isComplete) {
      const outcome = await complete();
      if (outcome.kind === 'retry-later' || outcome.kind === 'in-doubt') return outcome;
      isComplete = true;
    }
    const answer = await tries.on(table).catch((error: unknown) => {
      const failure = asLoadFailure(error);
      if (failure.code !== 'SINK_REJECTED') throw error;
      refused = { table, failure };
      return { kind: 'conflict', message: failure.message } as const;
    });
    onProgress?.();
    if (answer.kind === 'done') return { kind: 'committed' };
    if (clock.now() + pause > until) return { kind: 'retry-later', message: answer.message };
    await clock.sleep(pause * (0.5 + random()));
  }
}

function isAsItWas(now: TableState, before: TableState): boolean {
  const last = 'last-sequence-number';
  return mainOf(now) === mainOf(before) && now[last] === before[last];
}

/** Why a table can take the files no more, which only a person can end. */
function closedTo(table: TableState, decided: DecidedFiles): string | undefined {
  const why = changeOf(table, decided);
  return why && `the table has nothing of the task, and cannot have it any more: ${why}`;
}

function changeOf(table: TableState, { specId, schemaId }: DecidedFiles): string | undefined {
  const version = table['format-version'];
  if (version !== FORMAT_VERSION) {
    return `its format version became ${version}, files are for ${FORMAT_VERSION}`;
  }
  if (table['partition-specs'].every((spec) => spec['spec-id'] !== specId)) {
    return `its partition spec ${specId} was removed`;
  }
  const written = table.schemas.find((schema) => schema['schema-id'] === schemaId);
  const changed = unreadableColumn(written?.fields ?? [], schemaOf(table).fields);
  return changed && `its column ${changed.name} was ${changed.type}, and cannot be read so now`;
}

type Seen = Exclude<Standing, { readonly kind: 'ask-again' }>;

/** Most looks need no more than the newest snapshot. */
async function look(
  catalog: CatalogLink,
  { entry }: DecidedFiles,
): Promise<{ table: TableState; standing: Seen }> {
  const table = await catalog.load({ snapshots: 'refs' });
  const standing = standingOf(table, entry, { hasAll: false });
  if (standing.kind !== 'ask-again') return { table, standing };
  const whole = await catalog.load({ snapshots: 'all' });
  const found = standingOf(whole, entry, { hasAll: true });
  const message = 'the table does not say whether the task is committed';
  return {
    table: whole,
    standing: found.kind === 'ask-again' ? { kind: 'in-doubt', message } : found,
  };
}

/** The tries of one loader at one decision, and the files that they write. */
class Tries {
  readonly #decided: DecidedFiles;
  readonly #options: CommitTableOptions;
  #manifest: NewManifest | undefined;
  /** Manifest lists that are still there, and the snapshots that they are on top of. */
  #lists: { readonly path: string; readonly parentId: bigint | undefined }[] = [];

  constructor(decided: DecidedFiles, options: CommitTableOptions) {
    this.#decided = decided;
    this.#options = options;
  }

  /** One try on top of a table as it is now. */
  async on(table: TableState) {
    const { entry, files } = this.#decided;
    const { catalog, metadata, clock, newToken } = this.#options;
    this.#manifest ??= await this.#writeManifest(table);
    const snapshot = nextSnapshot(table, entry);
    const { id: snapshotId, parentId, sequenceNumber } = snapshot;
    const numbers = { snapshotId, parentId, sequenceNumber };
    const bytes = manifestListBytes(
      [listed(this.#manifest, numbers), ...(await this.#before(table))],
      numbers,
    );
    const manifestList = `${placeOf(table)}/snap-${snapshotId}-${newToken()}.avro`;
    this.#lists.push({ path: manifestList, parentId });
    await metadata.write(manifestList, bytes);
    const request = commitRequest(table, snapshot, {
      entry,
      manifestList,
      files,
      now: clock.now(),
    });
    return catalog.commit(request);
  }

  /** Removes what the table, as it is now, shows to be of no use. */
  async tidy(table: TableState, { kind }: Seen): Promise<void> {
    const { metadata } = this.#options;
    const own = this.#decided.entry.snapshotId;
    const counts = table.snapshots.find((one) => one['snapshot-id'] === own)?.['manifest-list'];
    const isOwn = ({ path }: { readonly path: string }) =>
      counts !== undefined && nameIn(path) === nameIn(counts);
    const isTheirs = kind === 'committed' && !this.#lists.some(isOwn);
    const main = mainOf(table);
    const isLost = ({ parentId }: { readonly parentId: bigint | undefined }) =>
      (kind === 'open' && parentId !== main) || (isTheirs && counts !== undefined);
    const lost = this.#lists.filter(isLost);
    this.#lists = this.#lists.filter((list) => !isLost(list));
    for (const { path } of lost) await metadata.remove(path);
    if (isTheirs && counts !== undefined && this.#manifest) {
      await metadata.remove(this.#manifest.path);
    }
  }

  async #writeManifest(table: TableState): Promise<NewManifest> {
    const { specId, entry } = this.#decided;
    const spec = specOf(table, specId);
    const isApart = spec.fields.length > 0;
    // An engine that knows the table by s3a:// may know no other.
    const { scheme } = parseLocation(dataPlaceOf(table));
    const files = this.#decided.files.map(
      ({ bucket, key, rows, bytes, period }): AddedFile => ({
        path: `${scheme}://${bucket}/${key}`,
        rows,
        bytes,
        partition: isApart ? partitionValue(period) : null,
      }),
    );
    const bytes = manifestBytes(files, { spec, schema: schemaOf(table) });
    const path = `${placeOf(table)}/${entry.snapshotId}-${this.#options.newToken()}-m0.avro`;
    await this.#options.metadata.write(path, bytes);
    return {
      path,
      bytes: bytes.length,
      specId,
      files: files.length,
      rows: files.reduce((sum, { rows }) => sum + rows, 0),
      partitions: isApart ? [summaryOf(files.map(({ partition }) => partition))] : [],
    };
  }

  /** The manifests of the newest snapshot. */
  async #before(table: TableState) {
    const main = mainOf(table);
    if (main === undefined) return [];
    const newest = table.snapshots.find((one) => one['snapshot-id'] === main);
    const list = newest?.['manifest-list'];
    if (list !== undefined) return readManifestList(await this.#options.metadata.read(list));
    throw new LoadFailure('SINK_REJECTED', `snapshot ${main} must name its manifest list`);
  }
}

/** A file's name, which none has twice: a catalog may show another scheme or bucket's alias before it. */
function nameIn(location: string): string {
  return location.slice(location.lastIndexOf('/') + 1);
}

function summaryOf(values: readonly (number | null)[]): PartitionSummary {
  const known = values.filter((value) => value !== null);
  return {
    hasNull: known.length < values.length,
    lowest: known.length === 0 ? undefined : Math.min(...known),
    highest: known.length === 0 ? undefined : Math.max(...known),
  };
}

/** Where a table keeps its metadata. */
function placeOf({ location, properties }: TableState): string {
  const place = properties['write.metadata.path'] ?? `${location.replace(/\/+$/, '')}/metadata`;
  return place.replace(/\/+$/, '');
}
