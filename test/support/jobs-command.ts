import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { makeApi } from '../../functions/api/api.ts';
import { systemClock } from '../../functions/shared/clock.ts';
import { newId } from '../../functions/shared/new-id.ts';
import type { Tables } from '../../functions/shared/store/tables.ts';
import { type Gateway, startGateway } from '../../infra/local/gateway.ts';

/** The command that users type, as a process, and an API for it on a port of its own. */

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

/** What a command said, and its exit code. */
export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly url?: string;
  /** The standard input. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What is done once, as soon as `out` or `err` has the text; it can press Ctrl-C. */
  readonly when?: readonly [said: string, act: (ctrlC: () => void) => unknown];
}

/** Runs `jobs` with these words, not on a terminal, and without anything of this machine's environment. */
export async function runJobs(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { url, input = '', env = {} } = options;
  let { when } = options;
  const child = spawn(process.execPath, [main, ...words], {
    env: { ...(url !== undefined && { ROUTINE_LOAD_URL: url }), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  const hear = (stream: 'out' | 'err') => (text: string) => {
    said[stream] += text;
    if (when === undefined || !said[stream].includes(when[0])) return;
    const [, act] = when;
    when = undefined;
    act(() => child.kill('SIGINT'));
  };
  child.stdout.setEncoding('utf8').on('data', hear('out'));
  child.stderr.setEncoding('utf8').on('data', hear('err'));
  // A command that ends before it has read is no failure of ours.
  child.stdin.on('error', () => undefined).end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  return { code, ...said };
}

/** What may stand in front of the API: a body is answered with 403, as API Gateway does. */
export type Guard = (event: APIGatewayProxyEventV2) => string | undefined;

/** The API over the tables, behind the local gateway. */
export function serveApi(tables: Tables, guard: Guard = () => undefined): Promise<Gateway> {
  const api = makeApi({
    tables,
    clock: systemClock,
    newId,
    log: () => undefined,
    cycleMs: 60_000,
    retentionDays: 7,
    limits: {
      MAX_BATCH_ROWS: 1_000,
      MAX_BATCH_BYTES: 1_000_000,
      ALLOWED_BROKERS: ['*'],
      ALLOWED_DESTINATIONS: ['*'],
      ALLOWED_ENDPOINTS: undefined,
      ALLOWED_REGISTRIES: ['*'],
      FILE_DIRECTORIES: ['/tables'],
    },
  });
  return startGateway({
    port: 0,
    target: async (event) => {
      const refusal = guard(event);
      return refusal === undefined
        ? api(event, {} as Context)
        : { statusCode: 403, body: JSON.stringify({ message: refusal }) };
    },
    clock: systemClock,
    onError: () => undefined,
  });
}
