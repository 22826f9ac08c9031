/** A step of a path: a field's name, or the place of an element, counted from 0. */
export type PathStep = string | number;

/** Deeper values hardly exist, and each level is read once more. */
const MOST_STEPS = 32;

const STEP = /\.([\p{L}\p{N}_$-]+)|\["((?:[^"\\\p{Cc}]|\\["\\])+)"\]|\[(\d{1,9})\]/uy;

/**
 * Reads a JSONPath that names one value: `$.address.city`, `$["zip code"]`, `$.legs[0]`. Wildcards, slices and
 * filters are none.
 *
 * @returns the steps from the value itself, which is `$`; undefined for what is no such path
 */
export function parseJsonPath(path: string): readonly PathStep[] | undefined {
  if (!path.startsWith('$')) return undefined;
  const steps: PathStep[] = [];
  for (STEP.lastIndex = 1; STEP.lastIndex < path.length; ) {
    const match = STEP.exec(path);
    if (match === null || steps.length === MOST_STEPS) return undefined;
    const [, plain, quoted, index] = match;
    if (index !== undefined) steps.push(Number(index));
    else steps.push(plain ?? (quoted ?? '').replaceAll(/\\(.)/g, '$1'));
  }
  return steps;
}

/** What such a path may be, for messages. */
export const PATH_RULE = `must be a path like $.a["b c"][0] of at most ${MOST_STEPS} steps`;
