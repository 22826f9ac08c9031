import { LoadFailure } from '#shared/domain/failure.ts';
import type { Job } from '#shared/domain/job.ts';
import type { DorisDestination } from '#shared/domain/spec/doris-destination.ts';
import type { IcebergDestination } from '#shared/domain/spec/iceberg-destination.ts';
import type { S3Destination } from '#shared/domain/spec/s3-destination.ts';
import type { StarrocksDestination } from '#shared/domain/spec/starrocks-destination.ts';
import { parseAttemptLabel } from '#shared/domain/task.ts';
import type { SinkDeps } from './sink-deps.ts';
import { makeDorisSink } from './sinks/doris.ts';
import { makeFileSink } from './sinks/file.ts';
import type { Sink } from './sinks/sink.ts';
import { makeStarrocksSink } from './sinks/starrocks.ts';
import { type WarehouseLink, warehouseLink } from './sinks/stream-load/warehouse-link.ts';

/**
 * The sink of a job's destination.
 *
 * @throws {LoadFailure} DIRECTORY_NOT_ALLOWED, SINK_REJECTED
 */
export function sinkOf({ spec }: Pick<Job, 'spec'>, deps: SinkDeps): Sink | Promise<Sink> {
  const { file, s3, doris, starrocks, iceberg } = spec.destination;
  const { clock } = deps;
  if (file) {
    return makeFileSink({
      roots: deps.fileDirectories,
      destination: file,
      fileName: (label) => `${spec.name}-${taskIdOf(label)}.${file.format}`,
    });
  }
  if (s3) {
    return s3Sink(s3, spec.name, deps);
  }
  if (doris) {
    return makeDorisSink({
      spec,
      destination: doris,
      link: linkTo(doris, deps, DORIS_HOPS),
      clock,
    });
  }
  if (starrocks) {
    const link = linkTo(starrocks, deps, STARROCKS_HOPS);
    return makeStarrocksSink({ spec, destination: starrocks, link, clock });
  }
  if (iceberg) return icebergSink(iceberg, spec.name, deps);
  throw new LoadFailure('INTERNAL', 'a specification must have a destination');
}

/** With S3's client, it is loaded when the first job asks for it: a tenth of what a cold start would read. */
async function s3Sink(
  destination: S3Destination,
  jobName: string,
  { s3Client, newToken }: SinkDeps,
): Promise<Sink> {
  const [{ makeS3Sink }, client] = await Promise.all([
    import('./sinks/s3.ts'),
    s3Client(destination),
  ]);
  return makeS3Sink({ destination, jobName, client, newToken });
}

/** Loaded as S3's is. */
async function icebergSink(
  destination: IcebergDestination,
  jobName: string,
  { outbound, tokens, s3Client, newToken, clock }: SinkDeps,
): Promise<Sink> {
  const [{ openIcebergSink }, client] = await Promise.all([
    import('./sinks/iceberg/open-iceberg-sink.ts'),
    s3Client(destination),
  ]);
  return openIcebergSink({ destination, jobName, outbound, tokens, client, newToken, clock });
}

/** Any frontend of Doris sends a load to a backend itself. */
const DORIS_HOPS = 1;
/** One of StarRocks may send it to the leader first. */
const STARROCKS_HOPS = 2;

function linkTo(
  { frontends, tls, secretArn }: DorisDestination | StarrocksDestination,
  { outbound, logins }: SinkDeps,
  mostHops: number,
): WarehouseLink {
  return warehouseLink({
    outbound,
    frontends,
    tls,
    login: () => logins.get(secretArn),
    loginRefused: () => logins.drop(secretArn),
    mostHops,
  });
}

/** All attempts of a task have the same final name, so that a second one could never add a second file. */
function taskIdOf(label: string): string {
  const parsed = parseAttemptLabel(label);
  if (parsed === undefined) {
    throw new LoadFailure('INTERNAL', `a label must be rl_<job>_<task>_<attempt>, got ${label}`);
  }
  return parsed.taskId;
}
