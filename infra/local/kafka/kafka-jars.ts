import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { requireMaven } from '../prerequisites.ts';

/** The broker versions that we run: one of the 3.x line and one of the 4.x line. */
export type KafkaVersion = '3.9.1' | '4.1.1';

const run = promisify(execFile);
const here = fileURLToPath(new URL('.', import.meta.url));
const cache = fileURLToPath(new URL('../../../.local/cache/', import.meta.url));

/**
 * The class path of a broker. Maven fetches the jars into its own repository the first time; the path is
 * remembered and used again as long as all the jars are there.
 *
 * @throws {Error} that says what to install when Maven is missing, or what it said when it fails
 */
export async function kafkaClassPath(version: KafkaVersion): Promise<string> {
  const file = join(cache, `kafka-${version}.classpath`);
  const remembered = await readFile(file, 'utf8').catch(() => '');
  if (remembered.split(delimiter).every((jar) => existsSync(jar))) return remembered;
  await requireMaven();
  await mkdir(cache, { recursive: true });
  // Two runs may do this at once: each writes a file of its own and renames it.
  const fresh = `${file}.${process.pid}`;
  await run('mvn', [
    '-q',
    '-B',
    '-f',
    join(here, 'pom.xml'),
    'dependency:build-classpath',
    `-Dkafka.version=${version}`,
    `-Dmdep.outputFile=${fresh}`,
  ]).catch((cause: unknown) => {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Maven could not fetch Apache Kafka ${version}: ${said}`, { cause });
  });
  await rename(fresh, file);
  return readFile(file, 'utf8');
}
