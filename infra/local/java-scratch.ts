import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The option that gives a Java server a temporary folder, made anew, in a folder that goes with it: what it unpacks
 * there it deletes only when it ends in order, and in the system's folder each kill would leave some of it for good.
 *
 * @param directory of the server, which no server runs in by now
 */
export async function javaScratch(directory: string): Promise<string> {
  const scratch = join(directory, 'tmp');
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true });
  return `-Djava.io.tmpdir=${scratch}`;
}
