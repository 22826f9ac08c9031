import type { OnReadOpts } from 'node:net';
import type { FrameMemory } from './frame-memory.ts';

/** A frame's length, which stands in front of it. */
const LENGTH_BYTES = 4;

/** An answer's correlation id, without which kafkajs throws where nobody catches. */
const LEAST_FRAME_BYTES = 4;

/** More than any answer that is asked for, and less than the first bytes of TLS or HTTP say when taken for a length. */
const MOST_FRAME_BYTES = 256 * 1024 * 1024;

/** What reads frames. */
export interface FramedReadingOptions {
  readonly memory: FrameMemory;
  /** Gets each whole frame, its length in front. */
  readonly onFrame: (frame: Buffer) => void;
  /** Told of a length that no broker sends. Nothing is read any more. */
  readonly onForeign: (error: Error) => void;
}

/**
 * Reads the frames of Kafka's protocol, a length and as many bytes, straight into memory of their size: for a socket's
 * `onread`. A socket by itself hands out pieces of 64 KiB, to be copied together into answers of megabytes.
 */
export function framedReading({ memory, onFrame, onForeign }: FramedReadingOptions): OnReadOpts {
  const length = Buffer.alloc(LENGTH_BYTES);
  let frame: Buffer | undefined;
  let filled = 0;

  /** @returns whether what follows can be read */
  function begin(): boolean {
    const bytes = length.readUInt32BE(0);
    if (bytes < LEAST_FRAME_BYTES || bytes > MOST_FRAME_BYTES) {
      onForeign(
        new Error(
          `an answer of a broker must have ${LEAST_FRAME_BYTES} to ${MOST_FRAME_BYTES} bytes, got ${bytes}: what listens there speaks something else, perhaps TLS`,
        ),
      );
      return false;
    }
    frame = memory.take(LENGTH_BYTES + bytes);
    length.copy(frame);
    return true;
  }

  return {
    buffer: () => (frame ?? length).subarray(filled),
    callback(count) {
      filled += count;
      if (frame === undefined && filled === LENGTH_BYTES && !begin()) {
        filled = 0;
        return false;
      }
      if (frame === undefined || filled < frame.length) return true;
      const whole = frame;
      frame = undefined;
      filled = 0;
      onFrame(whole);
      return true;
    },
  };
}
