import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What a machine must have besides Node, and where it must not put us, each checked with one sentence for whoever lacks it. */

const run = promisify(execFile);
const JAVA_MIN = 17;

/** @throws {Error} that says in one sentence what to install, unless `java` is there and recent enough */
export async function requireJava(): Promise<void> {
  const advice = `install Java ${JAVA_MIN} or later (a JDK: it brings keytool, too)`;
  // `java -version` writes to stderr.
  const answer = await run('java', ['-version']).catch(() => undefined);
  if (!answer) throw new Error(`Java is missing: ${advice}`);
  const version = /version "(?:1\.)?(\d+)/.exec(`${answer.stderr}${answer.stdout}`)?.[1];
  if (Number(version) >= JAVA_MIN) return;
  throw new Error(`Java ${version ?? 'of an unknown version'} is too old: ${advice}`);
}

/** @throws {Error} that says in one sentence what to install, unless `mvn` is there */
export async function requireMaven(): Promise<void> {
  const found = await run('mvn', ['--version']).then(
    () => true,
    () => false,
  );
  if (!found) {
    throw new Error('Maven is missing: install it so that `mvn` is on the PATH (it fetches Kafka)');
  }
}

/**
 * The broker's `log.dirs` and FILE_DIRECTORIES are lists with commas, and neither knows how to quote one.
 *
 * @throws {Error} that says in one sentence what to do, when the path has a comma
 */
export function requirePathWithoutComma(path: string): void {
  if (!path.includes(',')) return;
  throw new Error(
    `the path must have no comma, since lists of directories are written with them, got ${path}: move the checkout`,
  );
}
