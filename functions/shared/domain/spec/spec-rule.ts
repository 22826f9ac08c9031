import type * as z from 'zod';
import type { MappingSpec } from './mapping.ts';
import { faultyFields } from './sound-fields.ts';

/** A fault and the place of it. */
export type SpecFault = readonly [path: readonly string[], message: string];

/**
 * What a rule reads: a whole field of the specification, one field inside of the destination, whichever kind that
 * is of, or no more of it than its kind (`destination.*`).
 */
type SpecPart = keyof MappingSpec | `destination.${string}`;

/** A rule that sees several parts of a specification beside each other. */
export interface SpecRule {
  /** All parts that it reads. Where one of them is faulty by itself, the rule says nothing. */
  readonly needs: readonly SpecPart[];
  readonly faults: (spec: MappingSpec) => SpecFault[];
}

const KIND = 'destination.*';

/**
 * The parts of a specification that are wrong by themselves, and may hold anything. Of a destination whose kind is
 * sound it tells the fields, too.
 */
export function faultyParts(issues: readonly z.core.$ZodRawIssue[]): ReadonlySet<string> {
  const inside = issues.flatMap(({ path = [], code }) => {
    const [part, , field] = path;
    if (part !== 'destination') return [];
    if (field !== undefined) return [`destination.${String(field)}`];
    return code === 'unrecognized_keys' ? [] : [KIND];
  });
  return new Set([...faultyFields(issues), ...inside]);
}

/** Whether a rule can be tried. */
export function isSound({ needs }: SpecRule, faulty: ReadonlySet<string>): boolean {
  return !needs.some(
    (part) => faulty.has(part) || (part.startsWith('destination.') && faulty.has(KIND)),
  );
}
