/** Memory for answers of brokers, used again and again. */
export interface FrameMemory {
  /** So many bytes, not cleared. */
  take(bytes: number): Buffer;
  /** Takes memory back, by any view into it: nothing of it may be looked at any more. What is no such memory is left alone. */
  giveBack(view: Buffer): void;
}

const MIB = 1024 * 1024;

/** Smaller ones cost nothing. */
const LEAST_BYTES = MIB / 4;

/** All that is kept at once for answers to come. */
const MOST_KEPT_BYTES = 32 * MIB;

/**
 * Keeps the memory of answers that were read for those that come. Megabytes that are allocated for every answer have V8
 * collect garbage every thirty of them: with a heap that is otherwise small, a quarter of a loader's time.
 */
export function frameMemory(): FrameMemory {
  const lent = new WeakSet<ArrayBufferLike>();
  /** By size, the smallest first. */
  let kept: ArrayBufferLike[] = [];

  return {
    take(bytes) {
      if (bytes < LEAST_BYTES) return Buffer.allocUnsafe(bytes);
      const found = kept.findIndex(({ byteLength }) => byteLength >= bytes);
      const [memory] = found < 0 ? [] : kept.splice(found, 1);
      const lending = memory ?? Buffer.allocUnsafeSlow(Math.ceil(bytes / MIB) * MIB).buffer;
      lent.add(lending);
      return Buffer.from(lending, 0, bytes);
    },
    giveBack({ buffer }) {
      if (!lent.delete(buffer)) return;
      kept = [...kept, buffer].sort((a, b) => a.byteLength - b.byteLength);
      let sum = 0;
      kept = kept.filter(({ byteLength }) => {
        sum += byteLength;
        return sum <= MOST_KEPT_BYTES;
      });
    },
  };
}
