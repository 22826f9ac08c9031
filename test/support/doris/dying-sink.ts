import { TaskLost } from '../../../functions/loader/heartbeat.ts';
import type { Sink } from '../../../functions/loader/sinks/sink.ts';
import type { Task } from '../../../functions/shared/domain/task.ts';

/** Where a loader dies, behind the effect of that step. */
export type Death = 'prepare' | 'decision' | 'commit';

/**
 * A sink under which the loader dies once: it goes no further and cleans up nothing. Its task stays as it is until
 * the lease is over, as after `kill -9`.
 */
export function dyingSink(sink: Sink, death: Death): Sink {
  let isDead = false;
  const die = (): never => {
    isDead = true;
    throw new TaskLost({ id: 'any', attempt: 0 } as Task);
  };
  return {
    ...sink,
    async open(label, work) {
      const writer = await sink.open(label, work);
      return {
        write: (chunk) => writer.write(chunk),
        async prepare() {
          const handle = await writer.prepare();
          return death === 'prepare' ? die() : handle;
        },
        ...(writer.judged ? { judged: () => writer.judged!() } : {}),
        discard: async () => (isDead ? undefined : writer.discard()),
      };
    },
    async commit(handle) {
      if (death === 'decision') die();
      const outcome = await sink.commit(handle);
      return death === 'commit' ? die() : outcome;
    },
    abort: async (label) => (isDead ? undefined : sink.abort(label)),
  };
}
