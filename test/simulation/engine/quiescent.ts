/**
 * Lets all code that can go on without a further step run to its next port call.
 *
 * Node runs an immediate only when no microtask is left, so this needs no knowledge of how deep the awaits
 * of the code under test are nested. It is no timer: nothing waits for time to pass. One immediate costs
 * about 3 µs, so all worlds that are simulated side by side share it; they share nothing else.
 */
let waiting: (() => void)[] = [];

export function quiescent(): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push(resolve) === 1) setImmediate(wakeAll);
  });
}

function wakeAll(): void {
  const woken = waiting;
  waiting = [];
  for (const wake of woken) wake();
}
