import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { LoadFailure } from './domain/failure.ts';

/** Where a job wants its table. `roots`: what the installation allows, FILE_DIRECTORIES. */
export interface TableDirectoryRequest {
  readonly roots: readonly string[] | undefined;
  /** @default the first root */
  readonly directory?: string | undefined;
  readonly table: string;
}

/**
 * The directory of a table, absolute and free of `..`, by looking at the paths alone: it may be asked
 * where the disk is not, e.g. while a job is created. Symbolic links are the loader's to check.
 *
 * @throws {LoadFailure} DIRECTORY_NOT_ALLOWED
 */
export function resolveTableDirectory({ roots, directory, table }: TableDirectoryRequest): string {
  const base = directory ?? roots?.[0];
  if (!roots || base === undefined) {
    throw notAllowed('no directory is allowed: FILE_DIRECTORIES is not set');
  }
  if (!isAbsolute(base) || base.includes('\0')) {
    throw notAllowed(`directory must be an absolute path, got ${JSON.stringify(base)}`);
  }
  const resolved = resolve(base);
  if (!roots.some((root) => isInside(resolve(root), resolved))) {
    throw notAllowed(`directory must be under one of ${roots.join(', ')}, got ${base}`);
  }
  const path = join(resolved, table);
  if (basename(path) !== table || dirname(path) !== resolved) {
    throw notAllowed(`table must be the name of a directory, got ${JSON.stringify(table)}`);
  }
  return path;
}

/** Whether an absolute, resolved path is the root or lies under it. */
export function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);
}

/** The failure for a path outside of what is allowed. */
export function notAllowed(message: string): LoadFailure {
  return new LoadFailure('DIRECTORY_NOT_ALLOWED', message);
}
