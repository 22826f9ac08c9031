import type { S3Client } from '@aws-sdk/client-s3';
import type { Clock } from '#shared/clock.ts';
import { LoadFailure } from '#shared/domain/failure.ts';
import type { IcebergDestination } from '#shared/domain/spec/iceberg-destination.ts';
import type { PartitionBy } from '#shared/domain/spec/partition-by.ts';
import type { S3Destination } from '#shared/domain/spec/s3-destination.ts';
import { parseAttemptLabel, type SinkHandle } from '#shared/domain/task.ts';
import { commitInTurn } from './commit-in-turn.ts';
import type { CatalogLink } from './iceberg/catalog-link.ts';
import { commitTable } from './iceberg/commit-table.ts';
import { CountedFile } from './iceberg/counted-file.ts';
import {
  isBehind,
  type LedgerEntry,
  markProperty,
  markText,
  snapshotIdOf,
} from './iceberg/ledger.ts';
import { dataPlaceOf, metadataFiles, parseLocation } from './iceberg/metadata-files.ts';
import { tableShape } from './iceberg/table-columns.ts';
import { decidedFiles, tableHandle } from './iceberg/table-handle.ts';
import { mainOf, type TableState } from './iceberg/table-state.ts';
import { fillPeriod } from './period.ts';
import { PeriodParts } from './period-parts.ts';
import { complete } from './s3/complete.ts';
import { abortUploads, removeUpload, sweepUploads } from './s3/left-uploads.ts';
import { openMultipart } from './s3/multipart-writer.ts';
import { objectKeys } from './s3/object-key.ts';
import { periodHandle } from './s3/period-uploads.ts';
import type { Sink, SinkWork, SinkWriter } from './sink.ts';

/** What {@link makeIcebergSink} needs. */
export interface IcebergSinkOptions {
  readonly destination: IcebergDestination;
  readonly jobName: string;
  readonly catalog: CatalogLink;
  readonly client: S3Client;
  readonly clock: Clock;
  /** Gives texts that were never given before. */
  readonly newToken: () => string;
  /** As {@link CommitTableOptions} has it. */
  readonly random?: (() => number) | undefined;
}

/**
 * A table of Apache Iceberg: multipart uploads of Parquet files below the table's location are the preparation, and
 * their completion, which shows them to nobody yet, followed by one snapshot is the commit.
 *
 * Uploads of attempts that died are looked for where the table is now.
 *
 * @throws {LoadFailure} (its methods) as {@link CatalogLink} and `s3Failure`
 */
export function makeIcebergSink(options: IcebergSinkOptions): Sink {
  const { destination, catalog, client, clock, newToken, random } = options;
  const { endpoint } = destination;
  const load = () => catalog.load({ snapshots: 'refs' });
  /** An attempt writes for the table whose columns it was told. */
  let told: TableState | undefined;
  const uploadsNow = async () => {
    const { bucket, keys } = placeOf(await load(), options);
    return { client, bucket, places: [keys] };
  };

  return {
    async table() {
      told = await load();
      return tableShape(told);
    },

    async open(label, work) {
      const table = told ?? (await load());
      const entry = entryOf(table, label, work);
      return openFiles(table, { ...options, label, work, entry });
    },

    async commit(handle, onProgress) {
      const decided = decidedFiles(handle);
      if (!decided) return { kind: 'in-doubt', message: "the handle is no Iceberg sink's" };
      const looksFirst = endpoint !== undefined;
      return commitTable(decided, {
        catalog,
        metadata: metadataFiles(client),
        clock,
        newToken,
        random,
        onProgress,
        complete: () =>
          commitInTurn(decided.files, (one) => complete(client, one, { looksFirst }), {
            things: 'files',
            onProgress,
          }),
      });
    },

    abort: async (label) => abortUploads(label, await uploadsNow()),

    sweep: async (jobId, isAbandoned) => sweepUploads(jobId, isAbandoned, await uploadsNow()),
  };
}

/** @throws {LoadFailure} SINK_REJECTED when the table has rows of the lane that the store does not know of */
function entryOf(table: TableState, label: string, work: SinkWork | undefined): LedgerEntry {
  const parsed = parseAttemptLabel(label);
  if (parsed === undefined || work === undefined) {
    throw new LoadFailure('INTERNAL', `an attempt must be told its task, got ${label}`);
  }
  const { jobId, taskId } = parsed;
  const property = markProperty(jobId, work.lane);
  const before = table.properties[property];
  const own = { generation: work.generation, revision: work.revision, taskId };
  const mark = markText(own);
  if (!isBehind(own, before)) {
    const message = `property ${property} of the table must name a task before ${mark}, got ${before}: was the job's state set back?`;
    throw new LoadFailure('SINK_REJECTED', message);
  }
  return {
    tableUuid: table['table-uuid'],
    property,
    mark,
    before,
    base: mainOf(table),
    snapshotId: snapshotIdOf(jobId, taskId),
  };
}

type OpenOptions = IcebergSinkOptions & {
  readonly label: string;
  readonly work: SinkWork | undefined;
  readonly entry: LedgerEntry;
};

async function openFiles(table: TableState, options: OpenOptions): Promise<SinkWriter> {
  const { client, newToken, label, work, entry } = options;
  const { bucket, keys, place, partitionBy } = placeOf(table, options);
  const about = {
    entry,
    specId: table['default-spec-id'],
    schemaId: table['current-schema-id'],
  };
  const key = keys.keyOf(label, work);
  const openFile = async (fileKey: string, token: string) => {
    const { onProgress } = work ?? {};
    const upload = { client, destination: place, key: fileKey, token, onProgress };
    return new CountedFile(await openMultipart(upload));
  };
  if (partitionBy === undefined) {
    const file = await openFile(key, newToken());
    return {
      write: (chunk) => file.write(chunk),
      discard: () => file.discard(),
      async prepare(): Promise<SinkHandle> {
        const { rows, ...upload } = await file.prepare();
        return tableHandle(upload, [{ rows }], about);
      },
    };
  }
  const shared = { bucket, keyTemplate: key, token: newToken() };
  return new PeriodParts({
    open: (period) => openFile(fillPeriod(key, period), shared.token),
    remove: (upload) => removeUpload(client, upload),
    handleOf: (prepared) => {
      const files = prepared.map(([, { rows }]) => ({ rows }));
      return tableHandle(periodHandle(shared, prepared), files, about);
    },
  });
}

/** Where files of a table go, and by which keys. */
function placeOf(table: TableState, { destination, jobName }: IcebergSinkOptions) {
  const { region, endpoint } = destination;
  const { partitionBy } = tableShape(table);
  const { bucket, key } = parseLocation(dataPlaceOf(table));
  const place: S3Destination = {
    bucket,
    prefix: key,
    keyTemplate: templateOf(partitionBy),
    format: 'parquet',
    compression: 'none',
    header: false,
    metadata: [],
    region,
    endpoint,
  };
  return { bucket, place, partitionBy, keys: objectKeys(place, jobName) };
}

/** Keys by which people find their way; the table goes by its manifests. */
function templateOf(by: PartitionBy | undefined): string {
  switch (by?.unit) {
    case undefined:
      return '{task}';
    case 'month':
      return '{record_year}-{record_month}/{task}';
    case 'day':
      return '{record_date}/{task}';
    case 'hour':
      return '{record_date}/{record_hour}/{task}';
  }
}
