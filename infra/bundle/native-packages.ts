import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from './project-root.ts';

/** Packages with machine code, which esbuild cannot put into a bundle: they are shipped beside it. */

/** Processors that Lambda has, in Node's words. */
type Architecture = 'arm64' | 'x64';

/** Where a bundle goes, and for which processor. */
export interface BundlePlace {
  readonly directory: string;
  readonly architecture: Architecture;
}

/** The codecs that Node lacks, Kafka's checksum and the SQL engine. All are pinned in package.json and the lock file. */
export const NATIVE_PACKAGES: readonly string[] = [
  '@duckdb/node-api',
  '@node-rs/crc32',
  'lz4-napi',
  'snappy',
];

/** Those that a bundle asks for, by import or by require: their names stand in it as strings. */
export function nativePackagesOf(bundle: string): string[] {
  return NATIVE_PACKAGES.filter((name) =>
    ['"', "'", '`'].some((quote) => bundle.includes(quote + name + quote)),
  );
}

/** Kept between syntheses, by what is in it; `npm ci` empties it with the rest of node_modules. */
const CACHE = join(PROJECT_ROOT, 'node_modules/.cache/routine-load');

/**
 * Puts native packages, built for `architecture`, into `directory`/node_modules: exactly the versions of our
 * lock file, their integrity checked by npm.
 *
 * Needs the npm registry or npm's cache the first time, and nothing afterwards.
 *
 * @throws {Error} when npm cannot get them; the message says what it needs
 */
export function installNativePackages(
  packages: readonly string[],
  { directory, architecture }: BundlePlace,
): void {
  if (packages.length === 0) return;
  const lock = join(PROJECT_ROOT, 'package-lock.json');
  const manifest = manifestOf(packages);
  const key = createHash('sha256').update(manifest).update(readFileSync(lock)).digest('hex');
  const cached = join(CACHE, `native-${architecture}-${key.slice(0, 16)}`);
  if (!existsSync(cached)) {
    const building = `${cached}.${process.pid}`;
    mkdirSync(building, { recursive: true });
    writeFileSync(join(building, 'package.json'), manifest);
    copyFileSync(lock, join(building, 'package-lock.json'));
    npmCi(building, architecture);
    settle(building, cached);
  }
  cpSync(join(cached, 'node_modules'), join(directory, 'node_modules'), {
    recursive: true,
    filter: isNeededAtRunTime,
  });
}

function manifestOf(packages: readonly string[]): string {
  const text = readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8');
  const { dependencies } = JSON.parse(text) as { dependencies: Record<string, string> };
  const wanted = packages.map((name) => [name, dependencies[name]]);
  return JSON.stringify({ private: true, dependencies: Object.fromEntries(wanted) });
}

/** By default npm takes the binaries for the machine that it runs on; here it is told for which to. */
function npmCi(directory: string, architecture: Architecture): void {
  try {
    execFileSync('npm', ['ci', '--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund'], {
      cwd: directory,
      stdio: 'pipe',
      env: {
        ...process.env,
        npm_config_cpu: architecture,
        npm_config_os: 'linux',
        npm_config_libc: 'glibc',
        npm_config_prefer_offline: 'true',
        // Without a network npm would try for minutes before it says so.
        npm_config_fetch_retries: '1',
      },
    });
  } catch (cause) {
    rmSync(directory, { recursive: true, force: true });
    throw new Error(
      `the native packages for ${architecture} must come from the npm registry or npm's cache, and npm ci failed`,
      { cause },
    );
  }
}

/** Two syntheses at once may build the same; whoever is second takes the first one's. */
function settle(building: string, cached: string): void {
  try {
    renameSync(building, cached);
  } catch (error) {
    rmSync(building, { recursive: true, force: true });
    if (!existsSync(cached)) throw error;
  }
}

/** Types, texts for people and npm's own notes are not. */
function isNeededAtRunTime(path: string): boolean {
  return !/(\.d\.[cm]?ts|\.md|\.map|\.wasm|\/\.package-lock\.json|\/\.bin)$/.test(path);
}
