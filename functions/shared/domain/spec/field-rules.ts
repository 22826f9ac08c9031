import type * as z from 'zod';
import { faultyFields } from './sound-fields.ts';

/** A rule that sees several fields of one object beside each other. */
export interface FieldRule<T> {
  /** All fields that it reads. Where one of them is faulty by itself, the rule says nothing. */
  readonly needs: readonly (keyof T & string)[];
  /** The field at fault and what is wrong with it. */
  readonly fault: (given: T) => readonly [field: keyof T & string, message: string] | undefined;
}

/** A refinement that tells what breaks these rules. Use it with `despiteFaults`, so that it tells all at once. */
export function fieldRules<T>(
  ...rules: readonly FieldRule<T>[]
): (given: T, context: z.RefinementCtx<T>) => void {
  return (given, context) => {
    const faulty = faultyFields(context.issues);
    for (const { needs, fault } of rules) {
      const found = needs.some((field) => faulty.has(field)) ? undefined : fault(given);
      if (found) context.addIssue({ code: 'custom', path: [found[0]], message: found[1] });
    }
  };
}
