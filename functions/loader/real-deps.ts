import { systemClock } from '#shared/clock.ts';
import { openClusters } from '#shared/kafka/open-clusters.ts';
import { linkDeps, openLink } from '#shared/kafka/open-link.ts';
import { makeLog } from '#shared/log.ts';
import { newId } from '#shared/new-id.ts';
import { makeMeter } from '#shared/observe/emf-meter.ts';
import type { TimeShare } from '#shared/observe/lambda-time.ts';
import type { Trace } from '#shared/observe/trace.ts';
import { connectDynamoDb, tablesOver } from '#shared/store/connect.ts';
import { countUsage } from '#shared/store/counted-client.ts';
import { config } from './config.ts';
import { makeSliceReader, type WarmSliceReader } from './kafka/slice-reader.ts';
import type { LoaderDeps } from './loader-deps.ts';
import { DEFAULT_TRANSFORM, type TransformSettings } from './open-rows.ts';
import { ownZone } from './own-zone.ts';
import type { PreviewDeps } from './preview/run-preview.ts';
import { sinkDeps } from './sink-deps.ts';
import { sinkOf } from './sink-of.ts';
import { makeStage } from './stage.ts';
import { makeValueReadings, registryAccess } from './values/value-readings.ts';

/** The real parts that the task protocol runs on, made once per function. */

/** A fetch gives up before the lease does, so that the reason is told and not only that the loader was lost. */
const FETCH_PATIENCE_MS = 30_000;

const dynamodb = connectDynamoDb(config.DYNAMODB_ENDPOINT, process.env);
const kafka = linkDeps(config);
const sinks = sinkDeps(config);
const valueReadings = makeValueReadings({
  access: registryAccess(config),
  logins: sinks.logins,
});

const transform: TransformSettings = {
  ...DEFAULT_TRANSFORM,
  memoryMb: config.ENGINE_MEMORY_MB,
  scratchDirectory: config.SCRATCH_DIRECTORY,
  valueReadings,
};

export const log = makeLog('loader');
const meter = makeMeter('loader', config);
const rackId = await ownZone(config.CLIENT_RACK);

/** A reader for one invocation: connections do not outlive it, since a frozen sandbox wakes up with dead ones. */
export function openReader(): WarmSliceReader {
  return makeSliceReader({
    open: (address) => openLink(address, kafka),
    clock: systemClock,
    settings: {
      patienceMs: Math.min(FETCH_PATIENCE_MS, Math.floor(config.LEASE_MS / 2)),
      rackId,
    },
  });
}

/** What belongs to one invocation, or to one of several tasks that it was started for. */
interface Invocation {
  readonly reader: WarmSliceReader;
  readonly time: TimeShare;
  readonly trace: Trace;
}

/** Everything else, around these. What the tables cost is counted for each apart. */
export function realDeps({ reader, time, trace }: Invocation): LoaderDeps {
  const counted = countUsage(dynamodb);
  const limits = { maxBatchRows: config.MAX_BATCH_ROWS, maxBatchBytes: config.MAX_BATCH_BYTES };
  return {
    tables: tablesOver(counted.client, config),
    stage: makeStage(reader, limits, transform),
    sinkOf: (job) => sinkOf(job, sinks),
    clock: systemClock,
    newId,
    meter,
    spent: () => ({ gbSeconds: time.take(), ...counted.take() }),
    trace,
    log,
    settings: {
      ...limits,
      leaseMs: config.LEASE_MS,
      deadlineMarginMs: config.DEADLINE_MARGIN_MS,
      loaderLifeMs: config.LOADER_LIFE_MS,
      maxTaskFailures: config.MAX_TASK_FAILURES,
      retentionDays: config.TASK_RETENTION_DAYS,
    },
  };
}

/** What previews need of it. */
export function previewDeps(reader: WarmSliceReader): PreviewDeps {
  return {
    tables: tablesOver(dynamodb, config),
    clusters: openClusters(kafka),
    reader,
    settings: transform,
    tableOf: async (spec) => spec.destination.iceberg && (await sinkOf({ spec }, sinks)).table?.(),
    clock: systemClock,
    newId,
    log,
  };
}
