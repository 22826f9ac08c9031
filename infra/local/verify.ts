/** `npm run verify -- <job>`: asks a running installation whether a job's ledger is complete, and shows the proof. */
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { completenessView } from '../../functions/api/views/completeness-view.ts';
import { completenessLines } from './verify-report.ts';

const HELP = `npm run verify -- <job id or name> [options]

Proves from the records of finished tasks that every offset of the job's partitions, from where its
loading began to where it stands, was loaded by exactly one task. Looks neither into the topic nor
into the destination: npm start -- --once does that for the demo.

  --api URL   the API of the installation (default: http://127.0.0.1:8321)
  --help      this page

Exit code 0 when nothing contradicts it, also when the proof does not reach back to the start because older
tasks have expired; else 1.
`;

const DEFAULT_API = 'http://127.0.0.1:8321';
const PATIENCE_MS = 60_000;

const problem = z.object({ title: z.string(), detail: z.string() });

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      api: { type: 'string', default: process.env.API_URL ?? DEFAULT_API },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const [job, ...rest] = positionals;
  if (job === undefined || rest.length > 0) {
    throw new Error(
      `name exactly one job, got ${positionals.length}; see npm run verify -- --help`,
    );
  }
  const proof = await ask(values.api, job);
  process.stdout.write(`${completenessLines(proof).join('\n')}\n`);
  return proof.complete === false ? 1 : 0;
}

async function ask(api: string, job: string): Promise<z.infer<typeof completenessView>> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const url = `${api}/jobs/${encodeURIComponent(job)}/verify`;
  const response = await fetch(url, { signal }).catch((cause: unknown) => {
    throw new Error(`nothing answers at ${api}; is npm start running?`, { cause });
  });
  const body: unknown = await response.json();
  if (response.ok) return completenessView.parse(body);
  const { title, detail } = problem.parse(body);
  throw new Error(`${title}: ${detail}`);
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
