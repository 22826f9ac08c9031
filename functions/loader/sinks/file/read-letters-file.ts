import { join } from 'node:path';
import { LoadFailure } from '#shared/domain/failure.ts';
import { type Disk, diskFailure, errnoOf } from './disk.ts';
import { lettersAt, type TableLayout } from './table-layout.ts';

const CHUNK_BYTES = 1_048_576;

/**
 * The content of a file of dead letters, in chunks.
 *
 * @param layout that of the dead letters
 * @throws {LoadFailure} DEAD_LETTERS_UNAVAILABLE when it is gone or the location is no such file's, else the disk's
 * failure
 */
export async function* readLettersFile(
  location: string,
  { layout, disk }: { readonly layout: TableLayout; readonly disk: Disk },
): AsyncGenerator<Uint8Array> {
  const name = lettersAt(location);
  if (name === undefined) {
    throw new LoadFailure('DEAD_LETTERS_UNAVAILABLE', `${location} is no place of dead letters`);
  }
  const path = join(layout.table, name);
  const file = await disk.open(path, 'r').catch((error: unknown) => {
    if (errnoOf(error) !== 'ENOENT') throw diskFailure(error, 'read dead letters');
    throw new LoadFailure('DEAD_LETTERS_UNAVAILABLE', `there are no dead letters at ${path}`);
  });
  try {
    for (;;) {
      // A chunk of its own each time: whoever takes it may keep it.
      const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
      const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, null);
      if (bytesRead === 0) return;
      yield chunk.subarray(0, bytesRead);
    }
  } catch (error) {
    throw diskFailure(error, 'read dead letters');
  } finally {
    await file.close();
  }
}
