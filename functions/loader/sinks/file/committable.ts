import { crc32 } from 'node:zlib';
import * as z from 'zod';
import type { Disk } from './disk.ts';

/** A name and nothing else: a handle comes from a store and must not lead out of its directory. */
const fileName = z.string().regex(/^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/, 'must be a plain file name');

/**
 * The file sink's handle: all that a commit needs, relative to the table's directory. Size and CRC-32 of the
 * content tell the task's own file from one that somebody else put under its name.
 */
export const committable = z.strictObject({
  staged: fileName,
  final: fileName,
  bytes: z.int().min(0),
  crc32: z.int().min(0).max(0xffffffff),
});
export type Committable = z.infer<typeof committable>;

const READ_BYTES = 1_048_576;

/** The CRC-32 of a file's content. */
export async function crc32OfFile(path: string, disk: Disk): Promise<number> {
  const file = await disk.open(path, 'r');
  try {
    const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
    let crc = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, READ_BYTES, null);
      if (bytesRead === 0) return crc;
      crc = crc32(buffer.subarray(0, bytesRead), crc);
    }
  } finally {
    await file.close();
  }
}
