import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startLocalProcess } from '../../../infra/local/child-process.ts';
import { freePorts } from '../../../infra/local/free-port.ts';
import { javaScratch } from '../../../infra/local/java-scratch.ts';
import { requireJava, requireMaven } from '../../../infra/local/prerequisites.ts';

/** Apache Iceberg's own REST catalog, from Maven Central, its tables in an S3 server. */
export interface IcebergCatalogServer {
  readonly uri: string;
  stop(): Promise<void>;
}

const MAIN = 'IcebergCatalog';
const READY_MS = 60_000;

const run = promisify(execFile);
const here = fileURLToPath(new URL('.', import.meta.url));
const cache = fileURLToPath(new URL('../../../.local/cache/', import.meta.url));

/** Starts it on 127.0.0.1, without any table. Maven fetches it the first time. */
export async function startIcebergCatalog(
  s3Endpoint: string,
  warehouse: string,
): Promise<IcebergCatalogServer> {
  await requireJava();
  const classPath = await compiled();
  const folder = await mkdtemp(join(tmpdir(), 'routine-load-iceberg-'));
  const [port = 0] = await freePorts(1);
  const uri = `http://127.0.0.1:${port}`;
  const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error';
  const options = [await javaScratch(folder), '-Xmx256m', '-XX:TieredStopAtLevel=1', quiet];
  const main = ['-cp', classPath, MAIN, String(port), s3Endpoint, warehouse];
  const server = startLocalProcess(['java', ...options, ...main], {
    logFile: join(folder, 'catalog.log'),
  });
  const deadline = performance.now() + READY_MS;
  while (!(await answers(uri))) {
    if (server.hasEnded || performance.now() > deadline) {
      await server.kill();
      throw new Error(`the Iceberg catalog must answer within ${READY_MS} ms: see ${folder}`);
    }
    await delay(50);
  }
  return {
    uri,
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The class path: our main class, compiled once, before Iceberg's jars. */
async function compiled(): Promise<string> {
  const jars = await jarsOf();
  const classes = join(cache, 'iceberg-catalog-1');
  if (!existsSync(join(classes, `${MAIN}.class`))) {
    const fresh = `${classes}.${process.pid}`;
    await mkdir(fresh, { recursive: true });
    await run('javac', ['-cp', jars, '-d', fresh, join(here, `${MAIN}.java`)]);
    // Of two runs at once the first wins.
    await rename(fresh, classes).catch(() => rm(fresh, { recursive: true, force: true }));
  }
  return [classes, jars].join(delimiter);
}

async function jarsOf(): Promise<string> {
  const file = join(cache, 'iceberg-catalog.classpath');
  const remembered = await readFile(file, 'utf8').catch(() => '');
  if (remembered.split(delimiter).every((jar) => existsSync(jar))) return remembered;
  await requireMaven();
  await mkdir(cache, { recursive: true });
  const fresh = `${file}.${process.pid}`;
  const goal = ['dependency:build-classpath', `-Dmdep.outputFile=${fresh}`];
  await run('mvn', ['-q', '-B', '-f', join(here, 'pom.xml'), ...goal]);
  await rename(fresh, file);
  return readFile(file, 'utf8');
}

async function answers(uri: string): Promise<boolean> {
  return fetch(`${uri}/v1/config`, { signal: AbortSignal.timeout(2_000) }).then(
    ({ ok }) => ok,
    () => false,
  );
}
