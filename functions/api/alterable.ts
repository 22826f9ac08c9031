import type { Job } from '#shared/domain/job.ts';
import type { JobSpec } from '#shared/domain/job-spec.ts';
import { jsonPointer } from './json-pointer.ts';
import type { Fault } from './problem.ts';
import { stableJson } from './stable-json.ts';

/**
 * What can be altered in a job that exists, e.g. how values are read, once it turns out that they are read wrongly.
 * All else makes it another job: offsets and rows of one topic, cluster and table mean nothing for another.
 */
const ALTERABLE: ReadonlySet<string> = new Set([
  '/comment',
  '/columns',
  '/desiredConcurrency',
  '/format',
  '/batch',
  '/errors',
  '/policies',
  '/where',
  '/types',
  '/source/kafka/brokers',
  '/source/kafka/auth',
  '/source/kafka/isolation',
  '/source/kafka/partitions',
]);

/** How a warehouse is reached and told to load, but not which table it is. */
const WAREHOUSE_SETTING = /^\/destination\/(doris|starrocks)\/(?!database$|table$)[^/]+$/;

/** How a table's catalog and storage are reached, but not which table it is. */
const TABLE_SETTING = /^\/destination\/iceberg\/(catalog\/(uri|auth)|metadata|region|endpoint)$/;

/** Why not, where there is a way that leads there. */
const ADVICE: Readonly<Record<string, string>> = {
  '/source/kafka/startOffsets': 'to move the job to other offsets, give seek',
};

const OTHERWISE = 'stop this job and create another';

/** A fault for every field that differs and cannot be altered. */
export function alterationFaults(job: Pick<Job, 'spec' | 'generation'>, after: JobSpec): Fault[] {
  const fixed = differences(job.spec, after, []).map((pointer) => ({
    pointer,
    detail: `cannot be altered in a job that exists: ${ADVICE[pointer] ?? OTHERWISE}`,
  }));
  return [...fixed, ...droppedPartitions(job, after)];
}

/**
 * A partition that is dropped takes its next offset with it: added again later, its records would be
 * loaded a second time.
 */
function droppedPartitions(job: Pick<Job, 'spec' | 'generation'>, after: JobSpec): Fault[] {
  const { partitions: old } = job.spec.source.kafka;
  const { partitions: now } = after.source.kafka;
  if (job.generation === 0 || now === undefined) return [];
  const dropped = old?.filter((partition) => !now.includes(partition));
  if (dropped?.length === 0) return [];
  return [
    {
      pointer: '/source/kafka/partitions',
      detail: `partitions cannot be taken from a job that has begun to load, only added: it would lose ${
        dropped ? dropped.join(', ') : 'all that are not listed'
      }`,
    },
  ];
}

function differences(before: unknown, after: unknown, path: readonly string[]): string[] {
  const pointer = jsonPointer(path);
  if (ALTERABLE.has(pointer)) return [];
  if (WAREHOUSE_SETTING.test(pointer) || TABLE_SETTING.test(pointer)) return [];
  const [old, now] = [fieldsOf(before), fieldsOf(after)];
  // Offsets by partition are one value: no part of them can be altered alone.
  if (!old || !now || pointer in ADVICE) return isSame(before, after) ? [] : [pointer];
  const names = new Set([...Object.keys(old), ...Object.keys(now)]);
  return [...names].flatMap((name) => differences(old[name], now[name], [...path, name]));
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, unknown>) : undefined;
}

function isSame(a: unknown, b: unknown): boolean {
  return stableJson(a) === stableJson(b);
}
