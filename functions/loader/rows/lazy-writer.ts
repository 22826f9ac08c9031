import type { SinkHandle } from '#shared/domain/task.ts';
import type { RowsJudged, SinkWriter } from '../sinks/sink.ts';

/** A sink's writer that may never be needed. */
export interface LazyWriter {
  write: SinkWriter['write'];
  /** Takes dead letters over; not called for a sink that does not keep them. */
  keep(chunk: Uint8Array): Promise<void>;
  /** @returns nothing when nothing was written: the decision of such a slice has no handle */
  prepare(): Promise<SinkHandle | undefined>;
  /** What the destination made of the rows, if it judges them; asked after `prepare`. */
  judged(): Promise<RowsJudged | undefined>;
  /** Waits for what is under way, then gives the attempt up. Never throws. */
  discard(): Promise<void>;
}

/** Opens the sink with the first chunk, so that a slice without rows leaves nothing in it. */
export function makeLazyWriter(open: () => Promise<SinkWriter>): LazyWriter {
  let opened: Promise<SinkWriter> | undefined;
  let inFlight: Promise<void> | undefined;
  let keeping: Promise<void> | undefined;

  const write: SinkWriter['write'] = async (chunk, period) => {
    opened ??= open();
    const writer = await opened;
    await writer.write(chunk, period);
  };
  const keep = async (chunk: Uint8Array) => {
    opened ??= open();
    const writer = await opened;
    await writer.keep?.(chunk);
  };
  return {
    write(chunk, period) {
      inFlight = write(chunk, period);
      return inFlight;
    },
    keep(chunk) {
      keeping = keep(chunk);
      return keeping;
    },
    async prepare() {
      await inFlight;
      await keeping;
      const writer = await opened;
      return writer?.prepare();
    },
    async judged() {
      return (await opened)?.judged?.();
    },
    async discard() {
      await Promise.allSettled([inFlight, keeping]);
      const [writer] = await Promise.allSettled([opened]);
      if (writer.status === 'fulfilled') await writer.value?.discard();
    },
  };
}
