import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Context } from 'aws-lambda';
import { afterEach, expect, inject, it } from 'vitest';
import { makeApi } from '../../functions/api/api.ts';
import { systemClock } from '../../functions/shared/clock.ts';
import { newId } from '../../functions/shared/new-id.ts';
import type { Tables } from '../../functions/shared/store/tables.ts';
import { taskKey } from '../../functions/shared/store/task-record.ts';
import { startGateway } from '../../infra/local/gateway.ts';
import { createTopic, produce } from '../support/kafka.ts';
import { freshTables, startProduct } from '../support/product.ts';

const run = promisify(execFile);
const command = fileURLToPath(new URL('../../infra/local/verify.ts', import.meta.url));
const stops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function serve(tables: Tables): Promise<string> {
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
  const gateway = await startGateway({
    port: 0,
    target: (event) => Promise.resolve(api(event, {} as Context)),
    clock: systemClock,
    onError: () => undefined,
  });
  stops.push(() => gateway.close());
  return gateway.url;
}

/** Exit code and what was said. */
async function verify(...args: string[]): Promise<{ code: number; said: string }> {
  return run(process.execPath, [command, ...args]).then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      said: error.stdout + error.stderr,
    }),
  );
}

it('the command shows the proof as a table and exits with 0, and with 1 when a task is missing', async () => {
  const brokers = inject('kafkaBrokers');
  const tables = await freshTables(inject('dynamodbEndpoint'));
  const product = await startProduct(tables);
  stops.push(() => product.close());
  const topic = await createTopic(brokers, { partitions: 2 });
  await produce(brokers, topic, {
    records: [0, 0, 1].map((partition, n) => ({ partition, value: `{"n":${n}}` })),
  });
  const { id } = await product.createJob({
    name: 'flights',
    source: { kafka: { brokers, topic, startOffsets: 'earliest' } },
    destination: { file: { table: 'flights' } },
  });
  await product.settle(id);
  const api = await serve(tables);

  const exact = await verify('flights', '--api', api);
  expect(exact.code).toBe(0);
  const lines = exact.said.split('\n').map((line) => line.trim().replace(/ +/g, ' '));
  expect(lines.slice(1)).toEqual([
    'partition start proven from committed rows filtered rejected skipped holes tasks',
    '0 0 0 2 2 0 0 0 0 1',
    '1 0 0 1 1 0 0 0 0 1',
    'all 3 3 0 0 0 0 2',
    '3 offsets = 3 rows + 0 filtered + 0 rejected + 0 skipped + 0 holes',
    'complete: every offset from start to committed was loaded by exactly one task',
    '',
  ]);

  const [first] = await product.tasks(id);
  await tables.write({ kind: 'delete', key: taskKey(id, first!.id), condition: [] });
  const faulty = await verify('flights', '--api', api);
  expect(faulty.code).toBe(1);
  expect(faulty.said).toContain('partition 0: gap [0, 2), tasks none');
  expect(faulty.said).toContain('NOT COMPLETE');
  expect(faulty.said).not.toContain('offsets =');
});

it('a job that is not there, a missing name and an installation that does not answer are told in a sentence', async () => {
  const api = await serve(await freshTables(inject('dynamodbEndpoint')));
  expect(await verify('nobody', '--api', api)).toMatchObject({
    code: 1,
    said: expect.stringMatching(/^There is no such job: .*\n$/),
  });
  expect(await verify()).toMatchObject({
    code: 1,
    said: 'name exactly one job, got 0; see npm run verify -- --help\n',
  });
  expect(await verify('any', '--api', 'http://127.0.0.1:1')).toMatchObject({
    code: 1,
    said: expect.stringContaining('nothing answers at http://127.0.0.1:1'),
  });
  expect((await verify('--help')).said).toContain('npm run verify -- <job id or name>');
});
