import { isFinal, type JobState } from '#shared/domain/job-state.ts';
import type { Item } from '#shared/store/tables.ts';
import type { ItemChange } from '../../support/memory-tables.ts';
import type { Records } from './records.ts';

/**
 * What must hold at every change of a job.
 *
 * - States change only as the table of section 4 of the design allows (written out here once more, so that
 *   a mistake in the product's own table shows); generation, claim and version never go back.
 * - A flip to another generation finds no task alive in the old one, and takes over every partition at the
 *   offset at which it stands, each by exactly one lane.
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
  if (isFinal(old.state as JobState) && now.spec !== old.spec) {
    witness.violated('final-jobs-stay', 'the specification of a final job changed');
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
    if (lane.taskId !== undefined) {
      witness.violated('no-division-beside-a-live-task', `${lane.sk} still has ${lane.taskId}`);
    }
  }
  for (const [partition, offset] of known) {
    if (taken.get(partition) === offset) continue;
    witness.violated(
      'divisions-go-on-where-partitions-stand',
      `partition ${partition} stood at ${offset}, and begins at ${taken.get(partition)}`,
    );
  }
  const starts = records.starts.get(id) ?? new Map<string, bigint>();
  records.starts.set(id, starts);
  for (const [partition, offset] of taken) {
    if (starts.has(partition)) continue;
    starts.set(partition, offset);
    const first = topicOf(records, id)?.log(Number(partition)).first;
    if (Number(old.generation) > 0 && offset !== first) {
      witness.violated(
        'later-partitions-begin-at-their-beginning',
        `partition ${partition} begins at ${offset}, not at ${first}`,
      );
    }
  }
}

function topicOf({ scenario }: Records, id: string) {
  return scenario.jobs.find((job) => job.id === id)?.topic;
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
