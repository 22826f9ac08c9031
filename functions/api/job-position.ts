import * as z from 'zod';
import type { Job } from '#shared/domain/job.ts';
import type { OffsetsSpec } from '#shared/domain/job-spec.ts';
import { listHistory } from '#shared/store/jobs.ts';
import type { Tables } from '#shared/store/tables.ts';
import type { JobSnapshot } from './job-snapshot.ts';

/** A preview shows a hundred records at most; so many partitions have one for each, as a rule. */
const MOST_PARTITIONS = 1_000;

/** Where the pause is among the last entries: a person's changes may have followed. */
const ENTRIES = 20;

const examples = z.array(
  z.object({ partition: z.int().min(0), offset: z.string().regex(/^\d+$/) }),
);

/**
 * The offsets at which a preview of a job says most: for a job that paused for bad rows the first of them that are
 * known, else where the job goes on, as far as something is left to load there; else the records before the end.
 */
export async function positionOf(
  tables: Tables,
  { job, lanes }: Pick<JobSnapshot, 'job' | 'lanes'>,
): Promise<OffsetsSpec> {
  if (job.seek !== undefined) return job.seek;
  const bad = job.reason.code === 'TOO_MANY_BAD_ROWS' ? await badRowsOf(tables, job) : [];
  if (bad.length > 0) return listOf(bad);
  if (lanes.length === 0) return job.spec.source.kafka.startOffsets;
  const behind = lanes.flatMap(({ next, ends }) =>
    [...next].filter(([partition, offset]) => offset < (ends.get(partition) ?? 0n)),
  );
  return behind.length > 0 ? listOf(behind) : 'latest';
}

type Position = readonly [partition: number, offset: bigint];

/** The first example of each partition, out of the entry that says why the job paused. */
async function badRowsOf(tables: Tables, { id, reason }: Job): Promise<Position[]> {
  const { entries } = await listHistory(tables, id, { limit: ENTRIES });
  const paused = entries.find((entry) => entry.reason.code === reason.code);
  const found = examples.safeParse(paused?.detail?.examples).data ?? [];
  const first = new Map<number, bigint>();
  for (const { partition, offset } of found) {
    const known = first.get(partition);
    if (known === undefined || BigInt(offset) < known) first.set(partition, BigInt(offset));
  }
  return [...first];
}

function listOf(positions: readonly Position[]): OffsetsSpec {
  const sorted = [...positions].sort(([a], [b]) => a - b).slice(0, MOST_PARTITIONS);
  return Object.fromEntries(
    sorted.map(([partition, offset]) => [String(partition), String(offset)]),
  );
}
