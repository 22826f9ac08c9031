import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory of one slice for what does not fit into memory. */
export interface Scratch {
  readonly path: string;
  /** Removes it with all that is in it. Never throws: what stays is swept by a later process. */
  remove(): Promise<void>;
}

const PREFIX = 'routine-load-';

/** Of this process; anything else under its number is from a process that had it before. */
const own = new Set<string>();
let swept: Promise<void> | undefined;

/**
 * Makes an empty scratch directory. The first one of a process removes those that dead processes have left:
 * Lambda keeps /tmp when it starts a function anew after a crash or a timeout.
 *
 * @param root an existing directory. @default the operating system's
 */
export async function openScratch(root: string = tmpdir()): Promise<Scratch> {
  swept ??= sweep(root);
  await swept;
  await mkdir(root, { recursive: true });
  const path = await mkdtemp(join(root, `${PREFIX}${process.pid}-`));
  own.add(path);
  return {
    path,
    remove: async () => {
      await Promise.allSettled([rm(path, { recursive: true, force: true })]);
      own.delete(path);
    },
  };
}

async function sweep(root: string): Promise<void> {
  const names = await readdir(root).catch(() => []);
  for (const name of names) {
    const owner = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (owner === undefined || own.has(join(root, name)) || isAlive(Number(owner))) continue;
    await Promise.allSettled([rm(join(root, name), { recursive: true, force: true })]);
  }
}

/** Whether another process of that number runs. */
function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, and is somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
