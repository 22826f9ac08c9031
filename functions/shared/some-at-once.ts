/**
 * Fewer than the 50 connections that the SDK's clients open: a request that waits for one for a second fails, as if
 * DynamoDB could not be reached. A thousand reads at once from a function that has just started did.
 */
const AT_ONCE = 32;

/** Does something for each, some at once. @returns the answers in the order of `all`; the first failure ends it */
export async function someAtOnce<A, B>(
  all: readonly A[],
  work: (one: A) => Promise<B>,
): Promise<B[]> {
  const answers: B[] = [];
  const waiting = all.entries();
  const worker = async () => {
    for (const [i, one] of waiting) answers[i] = await work(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return answers;
}
