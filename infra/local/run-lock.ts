import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import * as z from 'zod';

/**
 * One run at a time per directory.
 *
 * The holder listens on a loopback port and says its token to whoever connects; the lock file names port
 * and token. A process id would not do: after a kill it may belong to somebody else, while a port that
 * does not answer with this very token has lost its holder for certain.
 *
 * The file with the highest number counts. Whoever finds its holder gone makes the next number, which
 * only one can; the highest is never removed, so a number is never given to two.
 */

/** The lock, held. */
export interface RunLock {
  release(): Promise<void>;
}

/** Another run holds the directory. */
export class AlreadyRunning extends Error {
  constructor(directory: string, pid: number) {
    super(`another run uses ${directory}: process ${pid}; end it first`);
    this.name = 'AlreadyRunning';
  }
}

const lockFile = z.object({ pid: z.int(), port: z.int().min(1).max(65_535), token: z.string() });
type Holder = z.infer<typeof lockFile>;

const ANSWER_MS = 2_000;

/**
 * Takes the lock of a directory, which is made if it is missing; that of a run that was killed is taken over.
 *
 * @throws {AlreadyRunning} while another run holds it
 */
export async function takeRunLock(directory: string): Promise<RunLock> {
  await mkdir(directory, { recursive: true });
  const token = randomUUID();
  const server = await listen(token);
  const draft = join(directory, `run.${token}.draft`);
  const holder: Holder = { pid: process.pid, port: portOf(server), token };
  await writeFile(draft, JSON.stringify(holder));
  try {
    while (!(await tookNext(directory, draft)));
  } catch (error) {
    server.close();
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** One try. @returns false when another was faster, and all is to be looked at again */
async function tookNext(directory: string, draft: string): Promise<boolean> {
  const newest = (await numbersIn(directory)).at(-1) ?? 0;
  const holder = await holderOf(lockFileOf(directory, newest));
  if (holder && (await isAlive(holder))) throw new AlreadyRunning(directory, holder.pid);
  const mine = newest + 1;
  if (!(await linked(draft, lockFileOf(directory, mine)))) return false;
  const numbers = await numbersIn(directory);
  // Slow ones may find a number free only because a faster one, who is further already, has tidied up.
  const obsolete = numbers.at(-1) === mine ? numbers.slice(0, -1) : [mine];
  for (const number of obsolete) await rm(lockFileOf(directory, number), { force: true });
  return !obsolete.includes(mine);
}

function lockFileOf(directory: string, number: number): string {
  return join(directory, `run.${number}.lock`);
}

async function numbersIn(directory: string): Promise<number[]> {
  const numbers = (await readdir(directory)).map((name) => /^run\.(\d+)\.lock$/.exec(name)?.[1]);
  return numbers
    .filter((number) => number !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
}

/** A link appears whole or not at all, so that nobody ever reads half a lock. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function holderOf(file: string): Promise<Holder | undefined> {
  try {
    return lockFile.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/** A holder that accepts but is too busy to answer in time counts as alive. */
function isAlive({ port, token }: Holder): Promise<boolean> {
  return new Promise((resolve) => {
    let said = '';
    const socket = connect(port, '127.0.0.1');
    const answer = (alive: boolean) => {
      socket.destroy();
      resolve(alive);
    };
    socket.setEncoding('utf8').setTimeout(ANSWER_MS, () => answer(true));
    socket.on('error', () => answer(false));
    socket.on('data', (text: string) => {
      said += text;
    });
    socket.on('end', () => answer(said === token));
  });
}

async function listen(token: string): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(token);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  server.unref();
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
