import { dirname } from 'node:path';
import type { Random } from '../../../engine/random.ts';

/** A file's content: what readers see, and what a crash leaves of it. */
export class FileContent {
  seen = Buffer.alloc(0);
  durable = Buffer.alloc(0);
  /** An fsync of it has failed: what it held then is marked clean, and never gets to the disk (Linux does so). */
  #isLost = false;

  sync(): void {
    if (!this.#isLost) this.durable = this.seen;
  }

  failSync(): void {
    if (this.durable.length !== this.seen.length) this.#isLost = true;
  }

  /** What was not synced is there, or torn, or gone. */
  crash(random: Random): void {
    const unsynced = this.seen.length - this.durable.length;
    const kept = this.#isLost ? 0 : random.pick([0, random.below(unsynced + 1), unsynced]);
    this.seen = this.seen.subarray(0, this.durable.length + kept);
    this.durable = this.seen;
    this.#isLost = false;
  }
}

const ROOT = '/';
const DIRECTORY_BYTES = 4_096;

type Entry = FileContent | 'directory';

/**
 * Names and contents of a file system, by absolute path. A name, new or gone, is durable only once its directory
 * was synced: a crash decides about each of the others by itself, in any combination, which is what POSIX allows.
 */
export class MemoryFiles {
  readonly seen = new Map<string, Entry>();
  readonly #durable = new Map<string, Entry>();

  /** @param directory that was always there, below the root */
  constructor(directory: string) {
    for (const path of [ROOT, directory]) {
      this.seen.set(path, 'directory');
      this.#durable.set(path, 'directory');
    }
  }

  file(path: string): FileContent {
    const entry = this.seen.get(path);
    if (entry === undefined) throw diskError('ENOENT', path);
    if (entry === 'directory') throw diskError('EISDIR', path);
    return entry;
  }

  sizeOf(path: string): number {
    return this.seen.get(path) === 'directory' ? DIRECTORY_BYTES : this.file(path).seen.length;
  }

  add(path: string, entry: Entry): void {
    if (this.seen.has(path)) throw diskError('EEXIST', path);
    if (this.seen.get(dirname(path)) !== 'directory') throw diskError('ENOENT', path);
    this.seen.set(path, entry);
  }

  remove(path: string): void {
    this.file(path);
    this.seen.delete(path);
  }

  names(directory: string): string[] {
    if (this.seen.get(directory) !== 'directory') throw diskError('ENOENT', directory);
    return [...this.seen.keys()].filter((path) => dirname(path) === directory);
  }

  syncNames(directory: string): void {
    for (const path of this.#names()) {
      if (dirname(path) === directory) this.#settle(this.#durable, path, this.seen.get(path));
    }
  }

  /** What would be left of the files whose paths match, whatever a crash did: their contents. */
  *survivors(isOf: (path: string) => boolean): Generator<Buffer> {
    for (const [path, entry] of this.#durable) {
      if (entry !== 'directory' && isOf(path) && this.seen.get(path) === entry) yield entry.durable;
    }
  }

  /** The machine loses its power, and comes back. */
  crash(random: Random): void {
    for (const path of [...this.#names()].sort()) {
      const [seen, durable] = [this.seen.get(path), this.#durable.get(path)];
      const kept = random.chance(0.5) ? seen : durable;
      // Parents stand before their children, so theirs is settled.
      const hasPlace = path === ROOT || this.seen.get(dirname(path)) === 'directory';
      this.#settle(this.seen, path, hasPlace ? kept : undefined);
    }
    for (const entry of new Set(this.seen.values())) {
      if (entry !== 'directory') entry.crash(random);
    }
    this.#durable.clear();
    for (const [path, entry] of this.seen) this.#durable.set(path, entry);
  }

  #names(): Set<string> {
    return new Set([...this.seen.keys(), ...this.#durable.keys()]);
  }

  #settle(names: Map<string, Entry>, path: string, entry: Entry | undefined): void {
    if (entry === undefined) names.delete(path);
    else names.set(path, entry);
  }
}

/** An error as `node:fs` raises it. */
export function diskError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
