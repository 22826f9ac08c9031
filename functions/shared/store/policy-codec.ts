import * as z from 'zod';
import { type PolicyApplication, RECORD_POLICIES } from '../domain/task.ts';
import { storedSlice, storeSlice } from './offset-codec.ts';
import type { Item } from './tables.ts';

/**
 * `{"tombstone": {"action": "skip", "counts": {"0": 2}, "ranges": {"0": ["5", "9"]}}}` as applications, in the
 * order of the policies and partitions. By policy, since a slice may have a thousand partitions.
 */
export const storedPolicies = z
  .partialRecord(
    z.enum(RECORD_POLICIES),
    z.strictObject({
      action: z.string(),
      counts: z.record(z.string(), z.number()),
      ranges: storedSlice,
    }),
  )
  .transform((stored): PolicyApplication[] =>
    RECORD_POLICIES.flatMap((policy) => {
      const applied = stored[policy];
      if (applied === undefined) return [];
      return [...applied.ranges].map(([partition, range]) => ({
        policy,
        action: applied.action,
        partition,
        count: applied.counts[partition] ?? 0,
        ...range,
      }));
    }),
  );

/** Applications as they are stored; undefined for none. */
export function storePolicies(applications: readonly PolicyApplication[]): Item | undefined {
  if (applications.length === 0) return undefined;
  const stored: Record<string, Item> = {};
  for (const policy of RECORD_POLICIES) {
    const applied = applications.filter((application) => application.policy === policy);
    const [first] = applied;
    if (first === undefined) continue;
    stored[policy] = {
      action: first.action,
      counts: Object.fromEntries(applied.map(({ partition, count }) => [partition, count])),
      ranges: storeSlice(
        new Map(applied.map(({ partition, from, to }) => [partition, { from, to }])),
      ),
    };
  }
  return stored;
}
