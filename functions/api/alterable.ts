import type { JobSpec } from '#shared/domain/job-spec.ts';
import { jsonPointer } from './json-pointer.ts';
import type { Fault } from './problem.ts';
import { stableJson } from './stable-json.ts';

/**
 * What can be altered in a job that exists. All else makes it another job: offsets and rows of one topic,
 * cluster, format and table mean nothing for another.
 */
const ALTERABLE: ReadonlySet<string> = new Set([
  '/comment',
  '/columns',
  '/desiredConcurrency',
  '/batch',
  '/errors',
  '/policies',
  '/source/kafka/brokers',
  '/source/kafka/auth',
  '/source/kafka/isolation',
  '/source/kafka/partitions',
]);

/** Why not, where there is a way that leads there. */
const ADVICE: Readonly<Record<string, string>> = {
  '/source/kafka/startOffsets': 'to move the job to other offsets, give seek',
};

const OTHERWISE = 'stop this job and create another';

/** A fault for every field that differs and cannot be altered. */
export function alterationFaults(before: JobSpec, after: JobSpec): Fault[] {
  return differences(before, after, []).map((pointer) => ({
    pointer,
    detail: `cannot be altered in a job that exists: ${ADVICE[pointer] ?? OTHERWISE}`,
  }));
}

function differences(before: unknown, after: unknown, path: readonly string[]): string[] {
  const pointer = jsonPointer(path);
  if (ALTERABLE.has(pointer)) return [];
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
