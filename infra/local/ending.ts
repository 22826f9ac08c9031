/** We were told to end. */
export class Ended extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'Ended';
  }
}

const LOOK_FOR_PARENT_MS = 1_000;

/**
 * A signal that aborts when this process is told to end: by Ctrl-C, SIGTERM or SIGHUP, or, when npm
 * started it, by the death of npm, which may have been killed without a chance to pass it on. Told a
 * second time, the process ends at once, and its children with it.
 */
export function endSignal(npmStartedUs: boolean): AbortSignal {
  const controller = new AbortController();
  const end = (why: string) => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new Ended(why));
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => end(name));
  if (npmStartedUs) {
    const parent = process.ppid;
    const timer = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(timer);
      end('npm is gone');
    }, LOOK_FOR_PARENT_MS);
    timer.unref();
  }
  return controller.signal;
}
