import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { S3Client } from '@aws-sdk/client-s3';
import { startLocalProcess } from '../../../infra/local/child-process.ts';
import { freePorts } from '../../../infra/local/free-port.ts';
import { javaScratch } from '../../../infra/local/java-scratch.ts';
import { requireJava, requireMaven } from '../../../infra/local/prerequisites.ts';

/** Adobe S3Mock, an S3 server from Maven Central. */
export interface S3Mock {
  readonly endpoint: string;
  /** A client of it; give it back with `destroy`. */
  client(): S3Client;
  /** SIGKILL, and up again with its objects and its address. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** The 4.x line runs on Java 17. */
const VERSION = '4.11.0';
const READY_MS = 60_000;
const MAIN = 'LoopbackS3Mock';

const run = promisify(execFile);
const source = fileURLToPath(new URL(`./${MAIN}.java`, import.meta.url));
const cache = fileURLToPath(new URL('../../../.local/cache/', import.meta.url));

/**
 * Starts it on 127.0.0.1, its objects in a folder of its own, and resolves when it answers. Maven fetches it the
 * first time.
 */
export async function startS3Mock(): Promise<S3Mock> {
  await requireJava();
  const home = await unpacked();
  const folder = await mkdtemp(join(tmpdir(), 'routine-load-s3-'));
  const [port = 0, unused = 0] = await freePorts(2);
  const endpoint = `http://127.0.0.1:${port}`;
  const [java, ...main] = await command(home);
  const options = [
    ...main,
    '--server.address=127.0.0.1',
    `--server.port=${port}`,
    '--server.ssl.enabled=false',
    `--com.adobe.testing.s3mock.httpPort=${unused}`,
    `--com.adobe.testing.s3mock.store.root=${join(folder, 'objects')}`,
  ];
  const start = async () => {
    const server = startLocalProcess([java, await javaScratch(folder), ...options], {
      logFile: join(folder, 's3mock.log'),
    });
    const deadline = performance.now() + READY_MS;
    while (!(await answers(endpoint))) {
      if (server.hasEnded || performance.now() > deadline) {
        await server.kill();
        throw new Error(`S3Mock must answer within ${READY_MS} ms: see ${folder}`);
      }
      await delay(50);
    }
    return server;
  };
  let server = await start();
  return {
    endpoint,
    client: () =>
      new S3Client({
        endpoint,
        region: 'us-east-1',
        forcePathStyle: true,
        credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
        requestChecksumCalculation: 'WHEN_REQUIRED',
        responseChecksumValidation: 'WHEN_REQUIRED',
      }),
    async restart() {
      await server.kill();
      server = await start();
    },
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Its own main class would listen on every interface: with a mere runtime, without a compiler, it is that. */
async function command(home: string): Promise<[string, ...string[]]> {
  const java = ['java', '-Xmx256m', '-XX:TieredStopAtLevel=1', '-cp'] as const;
  const jars = [join(home, 'BOOT-INF/classes'), join(home, 'BOOT-INF/lib/*')];
  const classes = join(home, 'loopback-2');
  if (!existsSync(classes)) {
    await once(classes, (fresh) =>
      run('javac', ['-cp', jars.join(delimiter), '-d', fresh, source]),
    ).catch(() => {});
  }
  return existsSync(classes)
    ? [...java, [classes, ...jars].join(delimiter), MAIN]
    : [...java, jars.join(delimiter), 'com.adobe.testing.s3mock.S3MockApplication'];
}

async function unpacked(): Promise<string> {
  const home = join(cache, `s3mock-${VERSION}`);
  if (existsSync(home)) return home;
  await requireMaven();
  await once(home, (fresh) =>
    run(
      'mvn',
      [
        '-q',
        '-B',
        'dependency:unpack',
        `-Dartifact=com.adobe.testing:s3mock:${VERSION}:jar:exec`,
        `-DoutputDirectory=${fresh}`,
      ],
      // The plugin leaves a marker in its working directory.
      { cwd: fresh },
    ),
  ).catch((cause: unknown) => {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Maven could not fetch S3Mock ${VERSION}: ${said}`, { cause });
  });
  return home;
}

/** Two runs may do this at once: each fills a folder of its own, and the first to rename it wins. */
async function once(folder: string, fill: (fresh: string) => Promise<unknown>): Promise<void> {
  const fresh = `${folder}.${process.pid}`;
  await mkdir(fresh, { recursive: true });
  try {
    await fill(fresh);
    await rename(fresh, folder);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

async function answers(endpoint: string): Promise<boolean> {
  return fetch(endpoint, { signal: AbortSignal.timeout(2_000) }).then(
    ({ ok }) => ok,
    () => false,
  );
}
