import type { MappingSpec } from './mapping.ts';

/** A fault and the place of it. */
export type SpecFault = readonly [path: readonly string[], message: string];

/** A rule that sees several parts of a specification beside each other. */
export interface SpecRule {
  /** All parts that it reads. Where one of them is faulty by itself, the rule says nothing. */
  readonly needs: readonly (keyof MappingSpec)[];
  readonly faults: (spec: MappingSpec) => SpecFault[];
}
