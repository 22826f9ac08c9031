import { type Fault, invalidRequest } from './problem.ts';

/** A part of a request: its value, or all that is wrong with it. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly faults: readonly Fault[] };

type Values<P> = { readonly [K in keyof P]: P[K] extends Parsed<infer T> ? T : never };

/**
 * The values of all parts of a request.
 *
 * @throws {ApiProblem} INVALID_REQUEST with the faults of all parts at once
 */
export function required<P extends Readonly<Record<string, Parsed<unknown>>>>(parts: P): Values<P> {
  const faults: Fault[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(parts)) {
    if (part.ok) values[name] = part.value;
    else faults.push(...part.faults);
  }
  if (faults.length > 0) throw invalidRequest(faults);
  return values as Values<P>;
}
