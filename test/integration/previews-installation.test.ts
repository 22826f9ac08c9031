import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, it, onTestFinished } from 'vitest';
import { systemClock } from '#shared/clock.ts';
import { startInstallation } from '../../infra/local/local-installation.ts';
import { localFolders, readLocalSettings } from '../../infra/local/local-settings.ts';
import { createTopic, produce } from '../support/kafka.ts';

/** The way from a request over the stream and the pipe to a loader's process, and back. */

it('a preview that is asked for over HTTP is made by a loader that the stream starts, and leaves no file', async () => {
  const brokers = inject('kafkaBrokers');
  const topic = await createTopic(brokers);
  await produce(brokers, topic, { records: [{ value: '{"code": "AA", "delay": 20}' }] });
  const root = await mkdtemp(join(tmpdir(), 'previews-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const id = randomUUID();
  const settings = readLocalSettings({
    DYNAMODB_ENDPOINT: inject('dynamodbEndpoint'),
    KAFKA_BROKERS: brokers.join(','),
    JOBS_TABLE: `jobs-${id}`,
    TASKS_TABLE: `tasks-${id}`,
    API_PORT: '0',
    LOADER_PROCESSES: '1',
    SCRATCH_DIRECTORY: root,
  });
  const installation = await startInstallation(settings, localFolders(root), {
    clock: systemClock,
    onPart: () => undefined,
    onTrouble: () => undefined,
  });
  onTestFinished(() => installation.close());

  const answer = await fetch(`${installation.apiUrl}/previews`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      job: {
        source: { kafka: { brokers, topic } },
        columns: 'code, late = delay > 15',
        types: { delay: 'INTEGER' },
        destination: { file: { table: 'flights', format: 'parquet' } },
      },
    }),
  });
  expect(answer.status).toBe(202);
  const address = new URL(answer.headers.get('location') ?? '', installation.apiUrl);
  const show = async () => (await fetch(address)).json() as Promise<{ status: string }>;

  await expect.poll(async () => (await show()).status, { timeout: 30_000 }).toBe('DONE');
  expect(await show()).toMatchObject({
    records: [{ offset: '0', rows: [{ code: 'AA', late: true }] }],
    columns: [
      { name: 'code', type: 'VARCHAR' },
      { name: 'late', type: 'BOOLEAN' },
    ],
  });
  const tables = await readdir(join(root, 'tables')).catch(() => []);
  expect(tables).toEqual([]);
});
