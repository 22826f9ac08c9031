/** Skippable frames, which LZ4 and Zstandard have in common (RFC 8878, section 3.1.2): 16 magic numbers. */
const SKIPPABLE = 0x184d2a50;
const SKIPPABLE_MASK = 0xfffffff0;

/** One kind of frames. */
export interface FrameKind<F> {
  readonly name: string;
  /** What each begins with, read as little-endian. */
  readonly magic: number;
  /** Reads the frame at `start`. @throws {Error} when it does not end within the input */
  readonly read: (input: Buffer, start: number) => F;
}

/**
 * Splits the input into its frames; skippable ones are left out.
 *
 * @throws {Error} when the input is no sequence of whole frames
 */
export function splitFrames<F extends { readonly end: number }>(
  input: Buffer,
  { name, magic, read }: FrameKind<F>,
): F[] {
  const frames: F[] = [];
  let start = 0;
  while (start < input.length) {
    const found = input.readUInt32LE(start);
    if ((found & SKIPPABLE_MASK) >>> 0 === SKIPPABLE) {
      start += 8 + input.readUInt32LE(start + 4);
      continue;
    }
    if (found !== magic) {
      const hex = `0x${magic.toString(16)}, got 0x${found.toString(16)}`;
      throw new Error(`${name} frames must begin with ${hex}`);
    }
    const frame = read(input, start);
    frames.push(frame);
    start = frame.end;
  }
  return frames;
}
