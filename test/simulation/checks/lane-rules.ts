import { storedEpochs } from '#shared/store/epoch-codec.ts';
import type { Item } from '#shared/store/tables.ts';
import type { ItemChange } from '../../support/memory-state.ts';
import { epochAt } from '../doubles/topic.ts';
import type { Records } from './records.ts';

/** A lane's epochs are those of the records before its next offsets: any others would stop a job over a sound log. */
export function checkEpochs({ witness }: Records, { key, now }: ItemChange): void {
  if (now?.epochs === undefined) return;
  for (const [partition, epoch] of storedEpochs.parse(now.epochs)) {
    const next = (now.next as Item)[partition];
    if (next !== undefined && epoch === epochAt(BigInt(String(next)) - 1n)) continue;
    witness.violated(
      'epochs-are-of-the-record-before',
      `${key.sk}: partition ${partition} is at ${next}, its epoch ${epoch}`,
    );
  }
}

/** What must hold at every change of a lane: its offsets never go back, and its partitions stay its own. */
export function checkLaneChange({ witness }: Records, { key, old, now }: ItemChange): void {
  if (old === undefined || now === undefined || old.next === now.next) return;
  const before = old.next as Item;
  const after = now.next as Item;
  const partitions = Object.keys(before);
  if (partitions.length !== Object.keys(after).length) {
    witness.violated(
      'lanes-keep-their-partitions',
      `${key.sk}: ${JSON.stringify([before, after])}`,
    );
  }
  for (const partition of partitions) {
    if (BigInt(String(after[partition] ?? -1)) < BigInt(String(before[partition]))) {
      witness.violated(
        'offsets-never-go-back',
        `${key.sk}: partition ${partition} went from ${before[partition]} to ${after[partition]}`,
      );
    }
  }
}
