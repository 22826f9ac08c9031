import { TaskLost } from '../../functions/loader/heartbeat.ts';
import type { Sink } from '../../functions/loader/sinks/sink.ts';
import type { Task } from '../../functions/shared/domain/task.ts';

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
        write: (chunk, period) => writer.write(chunk, period),
        ...(writer.keep ? { keep: (chunk) => writer.keep!(chunk) } : {}),
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

/** Where among several objects or files of one attempt a loader dies: behind so many of them. */
export interface MidwayDeath {
  readonly at: 'write' | 'prepare' | 'commit';
  readonly after: number;
}

/** As {@link dyingSink}, for an attempt of several periods. */
export function sinkDyingMidway(sink: Sink, { at, after }: MidwayDeath): Sink {
  if (at === 'prepare') return dyingSink(sink, 'prepare');
  const die = (): never => {
    throw new TaskLost({ id: 'any', attempt: 0 } as Task);
  };
  return {
    ...sink,
    async open(label, work) {
      const writer = await sink.open(label, work);
      const periods = new Set<string | undefined>();
      return {
        write: async (chunk, period) => {
          periods.add(period);
          if (at === 'write' && periods.size > after) {
            // All that was written is there; and no file stays open in this process, which lives on.
            await writer.prepare();
            die();
          }
          await writer.write(chunk, period);
        },
        keep: async (chunk) => writer.keep?.(chunk),
        prepare: () => writer.prepare(),
        discard: async () => (at === 'write' ? undefined : writer.discard()),
      };
    },
    async commit(handle) {
      if (at !== 'commit') return sink.commit(handle);
      if (after === 0) die();
      let committed = 0;
      return sink.commit(handle, () => {
        committed += 1;
        if (committed === after) die();
      });
    },
    abort: async (label) => (at === 'write' ? undefined : sink.abort(label)),
  };
}
