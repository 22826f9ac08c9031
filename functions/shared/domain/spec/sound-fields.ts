import type * as z from 'zod';

/**
 * Rules that see several fields beside each other are tried whatever else is wrong with an object, so that a user
 * is told all faults at once. Each looks only at fields that are sound: what follows from a fault is no fault.
 */

/** For a refinement of an object: it runs also when fields are faulty. What is no object has no rules. */
export const despiteFaults = {
  when: ({ value }: z.core.ParsePayload) =>
    typeof value === 'object' && value !== null && !Array.isArray(value),
};

/** The fields of an object in which something is wrong. An unknown field says nothing about those beside it. */
export function faultyFields(issues: readonly z.core.$ZodRawIssue[]): ReadonlySet<string> {
  return new Set(issues.flatMap(({ path }) => (path?.length ? [String(path[0])] : [])));
}
