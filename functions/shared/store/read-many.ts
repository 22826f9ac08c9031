/**
 * Fewer than the 50 connections that the SDK's client opens: a request that waits for one for a second fails, as if
 * DynamoDB could not be reached. A thousand reads at once from a function that has just started did.
 */
const AT_ONCE = 32;

/** Reads something for each, some at once. @returns the answers in the order of `all`; the first failure ends it */
export async function readMany<A, B>(
  all: readonly A[],
  read: (one: A) => Promise<B>,
): Promise<B[]> {
  const answers: B[] = [];
  const waiting = all.entries();
  const reader = async () => {
    for (const [i, one] of waiting) answers[i] = await read(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, reader));
  return answers;
}
