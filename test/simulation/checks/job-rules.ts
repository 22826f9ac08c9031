import { isFinal, type JobState } from '#shared/domain/job-state.ts';
import type { Item } from '#shared/store/tables.ts';
import type { ItemChange } from '../../support/memory-state.ts';
import type { Records, Run } from './records.ts';

/**
 * What must hold at every change of a job.
 *
 * - States change only as the table of section 4 of the design allows (written out here once more, so that
 *   a mistake in the product's own table shows); generation, claim and version never go back.
 * - A flip to another generation finds no task in the old one that may still be decided, and takes over every partition at the
 *   offset at which it stands, each by exactly one lane; it stands elsewhere only where its user moved it, or
 *   its policy did because the log had lost the offset.
 * - A partition that appears later begins at its beginning.
 * - A topic that took the place of the one that a job has loaded from is loaded only when its user says from where.
 */

const LEGAL: Readonly<Record<string, readonly string[]>> = {
  NEED_SCHEDULE: ['RUNNING', 'PAUSED', 'CANCELLED', 'STOPPED'],
  RUNNING: ['NEED_SCHEDULE', 'PAUSED', 'STOPPED', 'COMPLETED'],
  PAUSED: ['NEED_SCHEDULE', 'STOPPED'],
};

export function checkJobChange(records: Records, { old, now }: ItemChange): void {
  if (old === undefined || now === undefined) return;
  const { witness } = records;
  const id = String(now.id);
  if (old.state !== now.state && !LEGAL[String(old.state)]?.includes(String(now.state))) {
    witness.violated('job-states-are-legal', `${old.state} became ${now.state}`);
  }
  for (const counter of ['generation', 'claimedGeneration', 'specVersion'] as const) {
    if (Number(now[counter]) < Number(old[counter])) {
      witness.violated('jobs-never-go-back', `${counter} went back to ${now[counter]}`);
    }
  }
  // A completed one may be corrected, for its dead letters.
  const isFixed = isFinal(old.state as JobState) && old.state !== 'COMPLETED';
  if (isFixed && now.spec !== old.spec) {
    witness.violated('final-jobs-stay', 'the specification of a final job changed');
  }
  if (now.seek !== undefined && now.seek !== old.seek) records.sought.add(id);
  if ((now.redrive as Item | undefined)?.id !== (old.redrive as Item | undefined)?.id) {
    records.redriveChanged.set(id, records.changes);
  }
  if (now.generation !== old.generation) checkFlip(records, { id, old, now });
  if (old.state === 'RUNNING' && (now.state !== 'RUNNING' || now.generation !== old.generation)) {
    records.leftRunning.set(id, records.changes);
  }
}

function checkFlip(
  records: Records,
  { id, old, now }: { readonly id: string; readonly old: Item; readonly now: Item },
): void {
  const { witness } = records;
  const known = offsetsOf(records, id, old.generation);
  const taken = offsetsOf(records, id, now.generation);
  for (const lane of records.lanesOf(id, old.generation)) {
    if (lane.taskId !== undefined && mayStillCount(records, id, String(lane.taskId))) {
      witness.violated('no-division-beside-a-live-task', `${lane.sk} still has ${lane.taskId}`);
    }
  }
  const runs = records.runs.get(id) ?? new Map<string, Run[]>();
  records.runs.set(id, runs);
  const isOther = old.topicId !== undefined && old.topicId !== now.topicId;
  if (isOther && !records.sought.has(id)) {
    witness.violated('another-topic-needs-a-word', `${old.topicId} became ${now.topicId}`);
  }
  for (const partition of new Set([...known.keys(), ...taken.keys()])) {
    const [stood, goesOn] = [known.get(partition), taken.get(partition)];
    if (stood === goesOn && !isOther) continue;
    const mayBe = isOther || mayGoOnAt(records, { job: old, now, partition, stood, goesOn });
    if (!mayBe) {
      witness.violated(
        'divisions-go-on-where-partitions-stand',
        `partition ${partition} stood at ${stood}, and begins at ${goesOn}`,
      );
    }
    if (stood !== undefined && goesOn !== undefined && !isOther) {
      const by = records.sought.has(id) && wasSought(old.seek, partition) ? 'seek' : 'policy';
      records.moves.push({ jobId: id, partition, from: stood, to: goesOn, by });
    }
    const before = runs.get(partition) ?? [];
    const last = before.at(-1);
    if (last && last.to === undefined) last.to = stood;
    if (goesOn !== undefined)
      before.push({
        generation: Number(now.generation),
        topicId: now.topicId,
        from: goesOn,
        to: undefined,
      });
    runs.set(partition, before);
  }
  // A wish counts once: a division that moved offsets back a second time would load rows twice.
  records.sought.delete(id);
}

/**
 * Whether a task of a generation that ends may yet be decided. One that a late cycle planned after the job had left
 * RUNNING cannot: whoever claims it sees that, and {@link Records.leftRunning} would show if not.
 */
function mayStillCount(records: Records, jobId: string, taskId: string): boolean {
  if (records.tasks.get(taskId)?.decision !== undefined) return true;
  const claimed = records.claimed.get(taskId);
  return claimed !== undefined && claimed <= (records.leftRunning.get(jobId) ?? 0);
}

/** Whether a partition may be moved: by its user, or by the job's policy where the log does not reach back or so far. */
function mayGoOnAt(
  records: Records,
  at: {
    readonly job: Item;
    readonly now: Item;
    readonly partition: string;
    readonly stood: bigint | undefined;
    readonly goesOn: bigint | undefined;
  },
): boolean {
  const { job, now, partition, stood, goesOn } = at;
  const draft = records.scenario.jobs.find(({ id }) => id === job.id);
  if (draft === undefined || goesOn === undefined) return false;
  // A topic that is gone by now: offsets of both may have been seen, and nothing of either will be read.
  if (now.topicId !== draft.topic.id) return true;
  const log = draft.topic.log(Number(partition));
  const end = draft.topic.end(Number(partition));
  const isSought = records.sought.has(String(job.id)) && wasSought(job.seek, partition);
  // The log may have moved on since the cycle looked.
  const isIn = goesOn >= log.first && goesOn <= end;
  if (isSought) return isIn;
  if (stood === undefined) return Number(job.generation) === 0 ? isIn : goesOn <= log.start && isIn;
  const policy = draft.spec.policies.offsetOutOfRange;
  if (policy === 'pause' || stood >= log.start) return false;
  return goesOn > stood && isIn && (policy === 'latest' || goesOn <= log.start);
}

function wasSought(seek: unknown, partition: string): boolean {
  if (typeof seek === 'object' && seek !== null && !('timestamp' in seek)) return partition in seek;
  return seek !== undefined;
}

/** Next offsets over all lanes of a generation. */
function offsetsOf(records: Records, id: string, generation: unknown): Map<string, bigint> {
  const offsets = new Map<string, bigint>();
  for (const lane of records.lanesOf(id, generation)) {
    for (const [partition, offset] of Object.entries(lane.next as Item)) {
      if (offsets.has(partition)) {
        records.witness.violated(
          'a-partition-has-one-lane',
          `partition ${partition} of generation ${generation} has two`,
        );
      }
      offsets.set(partition, BigInt(String(offset)));
    }
  }
  return offsets;
}
