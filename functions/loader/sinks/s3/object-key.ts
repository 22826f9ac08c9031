import { decodeTime } from 'ulid';
import { LoadFailure } from '#shared/domain/failure.ts';
import type { Slice } from '#shared/domain/offsets.ts';
import type { KeyField, S3Destination } from '#shared/domain/spec/s3-destination.ts';
import { attemptLabel, parseAttemptLabel } from '#shared/domain/task.ts';
import { fillPeriod, NO_PERIOD } from '../period.ts';

/**
 * The keys of a job's objects.
 *
 * - A key follows from label and slice, so nothing need be recorded before the upload begins.
 * - `{task}` is `<job id>-<task id>-<attempt>`: no two attempts share a key, of whichever jobs, and a label is
 *   found again in a key. Without the job's id two jobs of one bucket would sweep each other's uploads.
 * - Dates are those of the task's planning, which its id holds: every attempt has the same, also behind midnight.
 * - The date of rows is left open, e.g. as `{record_date}`, where their objects are apart by it.
 */
export interface ObjectKeys {
  /** @throws {LoadFailure} INTERNAL for what is no label, SINK_REJECTED for a key longer than S3 takes */
  keyOf(label: string, slice: KeySlice | undefined): string;
  /** What the keys of a label begin with; of all labels when none is given. */
  prefixOf(label?: string): string;
  /** The label in a key; undefined for other keys, and those of other jobs. */
  labelIn(key: string, jobId: string): string | undefined;
}

/** What of a task's slice a key can name. */
interface KeySlice {
  readonly lane: number;
  readonly slice: Slice;
}

/** S3's limit, in bytes; keys are ASCII. */
const MOST_KEY_BYTES = 1_024;

const EXTENSIONS = { none: '', gzip: '.gz', zstd: '.zst' } as const;

type Values = Partial<Record<KeyField, string>>;

/** The keys of one job's destination. */
export function objectKeys(destination: S3Destination, jobName: string): ObjectKeys {
  const { prefix, keyTemplate, format, compression } = destination;
  const folder = prefix === undefined ? '' : `${prefix.replace(/\/$/, '')}/`;
  const template = `${folder}${keyTemplate}.${format}${EXTENSIONS[compression]}`;
  const fixed: Values = { job: jobName, table: destination.table ?? jobName };
  const pattern = keyPattern(template, fixed);
  return {
    keyOf(label, slice) {
      const key = fill(template, { ...fixed, ...valuesOfLabel(label), ...valuesOfSlice(slice) });
      const longest = fillPeriod(key, NO_PERIOD);
      if (longest.includes('{')) {
        throw new LoadFailure('INTERNAL', `a key must be told its slice, got ${key}`);
      }
      if (longest.length <= MOST_KEY_BYTES) return key;
      throw new LoadFailure(
        'SINK_REJECTED',
        `a key must have at most ${MOST_KEY_BYTES} bytes, got ${longest.length}: shorten destination.s3.prefix or keyTemplate`,
      );
    },
    prefixOf(label) {
      const known = label === undefined ? fixed : { ...fixed, ...valuesOfLabel(label) };
      return fill(template, known).split('{', 1)[0] ?? '';
    },
    labelIn(key, jobId) {
      const found = pattern.exec(key)?.groups;
      if (found?.job !== jobId || found.task === undefined) return undefined;
      return attemptLabel({ jobId, id: found.task }, Number(found.attempt));
    },
  };
}

function fill(template: string, values: Values): string {
  return template.replaceAll(/\{(\w+)\}/g, (field, name: KeyField) => values[name] ?? field);
}

function valuesOfLabel(label: string): Values {
  const parsed = parseAttemptLabel(label);
  if (parsed === undefined) {
    throw new LoadFailure('INTERNAL', `a label must be rl_<job>_<task>_<attempt>, got ${label}`);
  }
  const { jobId, taskId, attempt } = parsed;
  const planned = new Date(decodeTime(taskId)).toISOString();
  return {
    task: `${jobId}-${taskId}-${attempt}`,
    date: planned.slice(0, 10),
    year: planned.slice(0, 4),
    month: planned.slice(5, 7),
    day: planned.slice(8, 10),
    hour: planned.slice(11, 13),
  };
}

function valuesOfSlice(given: KeySlice | undefined): Values {
  if (given === undefined) return {};
  const partition = Math.min(...given.slice.keys());
  const range = given.slice.get(partition);
  return {
    lane: String(given.lane),
    partition: String(partition),
    offset: String(range?.from ?? 0n),
  };
}

/** Finds job, task and attempt in a key of the template. */
function keyPattern(template: string, fixed: Values): RegExp {
  const filled = fill(template, fixed);
  let isFirst = true;
  const source = filled.split(/(\{\w+\})/).map((part) => {
    if (!/^\{\w+\}$/.test(part)) return part.replaceAll(/[^\w/]/g, '\\$&');
    if (part.startsWith('{record_')) return `(?:\\d[\\d-]*|${NO_PERIOD})`;
    if (part !== '{task}') return '\\d[\\d-]*';
    // A template may name the task twice; a group's name may stand only once.
    const task = isFirst
      ? '(?<job>[^-/]+)-(?<task>[0-9A-Z]{26})-(?<attempt>\\d+)'
      : '[^-/]+-[0-9A-Z]{26}-\\d+';
    isFirst = false;
    return task;
  });
  return new RegExp(`^${source.join('')}$`);
}
