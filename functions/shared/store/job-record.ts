import * as z from 'zod';
import { HISTORY_KINDS, type HistoryEntry, type Job } from '../domain/job.ts';
import { type JobSpec, jobSpec, offsetsSpec } from '../domain/job-spec.ts';
import { JOB_STATES, REASON_CODES } from '../domain/job-state.ts';
import { compact } from './compact.ts';
import { decodeOnce } from './decode-once.ts';
import { storeFacts } from './fact-codec.ts';
import type { Item, Key } from './tables.ts';

/** Jobs and their history as items of the Jobs table. */

/** The version that every stored record carries, for upgrades with jobs running. */
export const RECORD_VERSION = 1;

const SHARDS = 8;

/** The hash values of the index `active`. */
export const ACTIVE_SHARDS: readonly string[] = Array.from({ length: SHARDS }, (_, i) => `A${i}`);

/** The one hash value of the index `listed`. */
export const LISTED = 'JOBS';

/** A shard in 0 .. 7 that follows from the id. */
export function shardOf(id: string): number {
  let hash = 0;
  for (let i = 0; i < id.length; i += 1) hash = (hash * 31 + id.charCodeAt(i)) >>> 0;
  return hash % SHARDS;
}

/** Key of a job. */
export function jobKey(id: string): Key {
  return { table: 'jobs', pk: `JOB#${id}`, sk: 'JOB' };
}

/** Key of the item that holds a name for the job that is not final. */
export function nameKey(name: string): Key {
  return { table: 'jobs', pk: `NAME#${name}`, sk: 'NAME' };
}

/** Key of an entry of a job's history; ids are ULIDs, so that they sort by time. */
export function historyKey(jobId: string, entryId: string): Key {
  return { table: 'jobs', pk: `JOB#${jobId}`, sk: `HISTORY#${entryId}` };
}

const reason = z.strictObject({ code: z.enum(REASON_CODES), message: z.string(), at: z.number() });

/** Specifications are stored as JSON text; the few that are in use are parsed once. */
const parsedSpecs = new Map<string, JobSpec>();
const MOST_PARSED_SPECS = 1_000;

const storedSpec = z.string().transform((text): JobSpec => {
  const known = parsedSpecs.get(text);
  if (known) return known;
  const stored = JSON.parse(text);
  const given = jobSpec.parse(stored);
  // An older version stored no default for them; its job goes on with text.
  const parsed = stored.types === undefined && given.types ? { ...given, types: {} } : given;
  if (parsedSpecs.size >= MOST_PARSED_SPECS) parsedSpecs.clear();
  parsedSpecs.set(text, parsed);
  return parsed;
});

const jobRecord = z.strictObject({
  v: z.literal(RECORD_VERSION),
  pk: z.string(),
  sk: z.string(),
  listed: z.string(),
  activeShard: z.string().optional(),
  id: z.string(),
  name: z.string(),
  spec: storedSpec,
  specVersion: z.number(),
  state: z.enum(JOB_STATES),
  reason,
  note: reason.optional(),
  stalledSince: z.number().optional(),
  generation: z.number(),
  claimedGeneration: z.number(),
  changeToken: z.string(),
  topicId: z.string().optional(),
  seek: offsetsSpec.optional(),
  redrive: z.strictObject({ id: z.string(), upTo: z.string(), at: z.number() }).optional(),
  resume: z.strictObject({ attempts: z.number(), nextAt: z.number() }).optional(),
  yielding: z.strictObject({ at: z.number(), lanes: z.array(z.number()) }).optional(),
  dueAt: z.number().optional(),
  totals: z.strictObject({
    rows: z.number(),
    extraRows: z.number().optional(),
    bytes: z.number(),
    rejected: z.number(),
    skipped: z.number(),
    filtered: z.number(),
    tasks: z.number(),
  }),
  idempotencyKey: z.string().optional(),
  createdAt: z.number(),
  updatedAt: z.number(),
});

/** A stored job. @throws {z.ZodError} when the item is not one */
export const decodeJob = decodeOnce((item): Job => {
  const { v, pk, sk, listed, activeShard, name, ...job } = jobRecord.parse(item);
  return job;
});

/** A job as its item: with the index attributes exactly when a cycle must visit it. */
export function encodeJob(job: Job): Item {
  const key = jobKey(job.id);
  return compact({
    v: RECORD_VERSION,
    pk: key.pk,
    sk: key.sk,
    listed: LISTED,
    ...(job.dueAt === undefined ? {} : { activeShard: ACTIVE_SHARDS[shardOf(job.id)] }),
    ...job,
    name: job.spec.name,
    spec: textOf(job.spec),
  });
}

/** A job is written more often than its specification changes. */
const specTexts = new WeakMap<JobSpec, string>();

function textOf(spec: JobSpec): string {
  let text = specTexts.get(spec);
  if (text === undefined) {
    text = JSON.stringify(spec);
    specTexts.set(spec, text);
  }
  return text;
}

const historyRecord = z.strictObject({
  v: z.literal(RECORD_VERSION),
  pk: z.string(),
  sk: z.string(),
  id: z.string(),
  at: z.number(),
  kind: z.enum(HISTORY_KINDS),
  from: z.enum(JOB_STATES).optional(),
  to: z.enum(JOB_STATES).optional(),
  reason,
  detail: z.record(z.string(), z.unknown()).optional(),
});

/** A stored entry of a history. @throws {z.ZodError} when the item is not one */
export function decodeHistory(item: Item): HistoryEntry {
  const { v, pk, sk, ...entry } = historyRecord.parse(item);
  return entry;
}

/** An entry of a history as its item. Its detail comes back as values that can be stored, e.g. a bigint as a string. */
export function encodeHistory(jobId: string, entry: HistoryEntry): Item {
  const key = historyKey(jobId, entry.id);
  const detail = entry.detail && storeFacts(entry.detail);
  return compact({ v: RECORD_VERSION, pk: key.pk, sk: key.sk, ...entry, detail });
}
